import { withAt } from '../automation/change.ts'
import { isObject } from '../automation/json.ts'
import { prototypeKeys, segments } from '../automation/pointer.ts'
import type { Rule } from './document.ts'

/**
 * A change of a document: what the visual editor does. `at` and `to` are places among the rules, the end unless given.
 * `set` without a value takes away; `-` at the end of its path adds to a list; `rule: null` means the document.
 */
export type Change =
  | { do: 'add_rule'; rule: Rule; at?: number }
  | { do: 'remove_rule'; rule: string }
  | { do: 'move_rule'; rule: string; to: number }
  | { do: 'set'; rule: string | null; path: string; value?: unknown }

/** The plain document after a change; the one given stays as it was. What is not there (any more) changes nothing. */
export function apply(document: unknown, change: Change): unknown {
  if (!isObject(document)) return document
  const rules: unknown[] = Array.isArray(document['rules']) ? document['rules'] : []
  const at =
    change.do === 'add_rule' ? (change.at ?? rules.length) : rules.findIndex((one) => idOf(one) === change.rule)
  switch (change.do) {
    case 'add_rule':
      return { ...document, rules: rules.toSpliced(at, 0, change.rule) }
    case 'remove_rule':
      return at === -1 ? document : { ...document, rules: rules.toSpliced(at, 1) }
    case 'move_rule':
      return at === -1 ? document : { ...document, rules: rules.toSpliced(at, 1).toSpliced(change.to, 0, rules[at]) }
    case 'set': {
      const { rule, path, value } = change
      if (path === '' || segments(path).some((part) => prototypeKeys.has(part))) return document
      if (rule === null) return withAt(document, path, value)
      return at === -1 ? document : { ...document, rules: rules.with(at, withAt(rules[at], path, value)) }
    }
  }
  return document
}

export const idOf = (rule: unknown): string | null =>
  isObject(rule) && typeof rule['id'] === 'string' ? rule['id'] : null
