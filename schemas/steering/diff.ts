import { fields, type FieldDifference } from '../automation/diff.ts'
import type { Rule, SteeringDocument } from './document.ts'
import { moved } from './order.ts'

/**
 * One rule that differs, by its id; `rule: null` is the document itself. `moved` says that it stands elsewhere among the
 * rules that both have, which counts within its level alone.
 */
export type Difference = {
  rule: string | null
  change: 'added' | 'removed' | 'changed' | 'moved'
  moved: boolean
  fields: FieldDifference[]
}

/** What one has to look at to know how `b` differs from `a`; nothing where they mean the same. */
export function diff(a: SteeringDocument, b: SteeringDocument): Difference[] {
  const [{ rules: before, ...aRest }, { rules: after, ...bRest }] = [a, b]
  const [old, fresh] = [byId(before), byId(after)]
  const both = [...fresh.keys()].filter((id) => old.has(id))
  const wanders = new Set(
    moved(
      [...old.keys()].filter((id) => fresh.has(id)),
      both,
    ),
  )
  const about = fields([], aRest, bRest)
  return [
    ...(about.length === 0 ? [] : [{ rule: null, change: 'changed' as const, moved: false, fields: about }]),
    ...[...old.keys()].filter((id) => !fresh.has(id)).map((rule) => plainly(rule, 'removed')),
    ...[...fresh].flatMap(([rule, now]): Difference[] => {
      const was = old.get(rule)
      if (was === undefined) return [plainly(rule, 'added')]
      const found = fields([], was, now)
      const elsewhere = wanders.has(rule)
      if (found.length === 0 && !elsewhere) return []
      return [{ rule, change: found.length === 0 ? 'moved' : 'changed', moved: elsewhere, fields: found }]
    }),
  ]
}

const plainly = (rule: string, change: 'added' | 'removed'): Difference => ({ rule, change, moved: false, fields: [] })

const byId = (rules: readonly Rule[]): Map<string, Rule> => new Map(rules.map((rule) => [rule.id, rule]))
