import type { Approval, Assignees } from '#schemas/approvals.ts'
import { isAsked, isOpenToAll, mayOverride } from '#schemas/approvals-asked.ts'
import type { Me } from '#schemas/identity.ts'
import { roleWords } from '#ui/lib/roles.ts'

/** Who is asked, as people say it: `Priya and every admin`. */
export const askedWords = (asked: Assignees | null, people: Approval['people']): string => {
  if (asked === null || isOpenToAll(asked)) return 'everybody who may decide'
  const names = (asked.people ?? []).map((id) => people.find((one) => one.id === id)?.name ?? 'somebody who has left')
  const all = [...names, ...(asked.role === undefined ? [] : [`every ${roleWords[asked.role].title.toLowerCase()}`])]
  return all.length < 2 ? (all[0] ?? '') : `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`
}

/** Whether it waits for the one who looks, for others whom they may overrule, or for others alone. */
export const standOf = ({ assignees }: Approval, me: Me | undefined): 'asked' | 'overrules' | 'others' => {
  const who = { id: me?.user?.id ?? '', role: me?.role ?? null }
  if (isAsked(assignees, who)) return 'asked'
  return mayOverride(who.role) ? 'overrules' : 'others'
}
