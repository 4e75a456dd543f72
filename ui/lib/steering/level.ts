import type { Level } from '#schemas/steering/document.ts'
import type { DrawnRule } from './rules.ts'

const scopes = ['keys', 'users', 'teams', 'tags', 'models'] as const

/** How specific a rule is: the narrowest part of its scope counts. */
export const levelOf = (rule: DrawnRule): Level =>
  rule.enforced === true ? 'enforced' : (scopes.find((one) => rule.for?.[one] !== undefined) ?? 'tenant')
