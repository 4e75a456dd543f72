import type { Scope } from '#schemas/access.ts'

export type Preset = { title: string; scopes: readonly Scope[] }

/** What keys are usually made for, the narrowest first. */
const usual: readonly { title: string; has: (scope: Scope) => boolean }[] = [
  { title: 'Follow leads', has: (scope) => scope === 'ingress:read' || scope === 'runs:read' },
  { title: 'Decide on replies', has: (scope) => scope.startsWith('approvals:') },
  { title: 'Read everything', has: (scope) => scope.endsWith(':read') },
  { title: 'Everything', has: () => true },
]

/** The presets of which somebody with these scopes can give at least one. */
export const presetsFor = (scopes: readonly Scope[]): Preset[] =>
  usual.map(({ title, has }) => ({ title, scopes: scopes.filter(has) })).filter((preset) => preset.scopes.length > 0)

/** Whether two lists have the same scopes, in whatever order. */
export const isSame = (a: readonly Scope[], b: readonly Scope[]): boolean =>
  a.length === b.length && a.every((scope) => b.includes(scope))
