import type { Scope } from './document.ts'
import type { Facts } from './facts.ts'

export const dimensions = ['keys', 'users', 'teams', 'tags', 'models'] as const
export type Dimension = (typeof dimensions)[number]

/** What a request is in each dimension of a scope; it fits a list where one of these is in it. */
export const standing: Record<Dimension, (facts: Facts) => readonly string[]> = {
  keys: ({ key }) => [key.id, key.name],
  users: ({ user }) => [user.id, user.email],
  teams: ({ team }) => [team.id, team.name],
  tags: ({ tags }) => tags,
  models: ({ request }) => [request.model],
}

/** Whether names of a scope hold this one; the names of models may end in `*`. */
export const fits = (dimension: Dimension, names: readonly string[], one: string): boolean =>
  names.includes(one) || (dimension === 'models' && names.some((name) => isPattern(name) && startsLike(name, one)))

export const isPattern = (name: string): boolean => name.endsWith('*')

const startsLike = (pattern: string, one: string): boolean => one.startsWith(pattern.slice(0, -1))

/** The dimension in which a request is outside of a scope, or null where it is within. */
export const outside = (scope: Scope | undefined, facts: Facts): Dimension | null =>
  dimensions.find((dimension) => {
    const names = scope?.[dimension]
    return names !== undefined && !standing[dimension](facts).some((one) => fits(dimension, names, one))
  }) ?? null

/** Whether every request that is within `inner` is within `outer` too, as far as that can be told from names. */
export const covers = (outer: Scope | undefined, inner: Scope | undefined): boolean =>
  dimensions.every((dimension) => {
    const wide = outer?.[dimension]
    if (wide === undefined) return true
    return inner?.[dimension]?.every((name) => fits(dimension, wide, name)) === true
  })
