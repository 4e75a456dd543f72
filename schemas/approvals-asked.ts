/** Who is asked: everybody with a role, people by their id, or nobody by name. */
export type Asked = { role?: string | undefined; people?: readonly string[] | undefined } | null

/** Whether an approval waits for this person: they are named, their role is, or nobody is and so everybody may. */
export const isAsked = (asked: Asked, who: { id: string; role: string | null }): boolean =>
  isOpenToAll(asked) || asked?.people?.includes(who.id) === true || (who.role !== null && asked?.role === who.role)

/** Whether nobody is named, so that whoever may decide at all may decide it. */
export const isOpenToAll = (asked: Asked): boolean =>
  asked === null || (asked.role === undefined && (asked.people ?? []).length === 0)

/** Whether somebody who is not asked may decide all the same: an owner, who says why. */
export const mayOverride = (role: string | null): boolean => role === 'owner'
