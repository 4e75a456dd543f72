import type { Role } from '#schemas/access.ts'

/** In order of rank; the table of the API decides what each may do. */
export const roleWords: Record<Role, { title: string; may: string }> = {
  owner: { title: 'Owner', may: 'Everything, and makes other owners' },
  admin: { title: 'Admin', may: 'Everything but owners' },
  operator: { title: 'Operator', may: 'Watches, approves, cancels, re-runs, draws, asks models; others publish' },
  analyst: { title: 'Analyst', may: 'Watches, and reads the audit log' },
  viewer: { title: 'Viewer', may: 'Watches' },
}

const ranks = Object.keys(roleWords) as Role[]

/** The roles that somebody of this role may hand out: their own rank and those below it. */
export const grantable = (role: Role | null | undefined): Role[] =>
  role === 'owner' || role === 'admin' ? ranks.slice(ranks.indexOf(role)) : []
