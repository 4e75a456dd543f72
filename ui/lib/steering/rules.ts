import { isObject } from '#schemas/automation/json.ts'
import type { Change } from '#schemas/steering/change.ts'
import type { Rule } from '#schemas/steering/document.ts'
import { edit } from '#schemas/steering/edit.ts'
import { plainValue, readSource } from '#schemas/steering/source.ts'

/** Loaded with the editor alone: the reader of YAML is large. */

/** A rule as it is drawn: what is written of it, whether it has the shape of one or not. */
export type DrawnRule = Partial<Rule> & { id: string }

/** What a text says, so far as it can be drawn; null where it cannot be read. */
export type Drawn = { name: string; description: string; rules: DrawnRule[] }

export function draw(text: string): Drawn | null {
  const source = readSource(text)
  if (source.flaws.length > 0) return null
  const value = plainValue(source)
  if (value === null || value === undefined) return { name: '', description: '', rules: [] }
  if (!isObject(value)) return null
  const rules: unknown = value['rules'] ?? []
  // rules are drawn by their ids: each needs one of its own
  if (!Array.isArray(rules) || !rules.every(isDrawable)) return null
  if (new Set(rules.map(({ id }) => id)).size < rules.length) return null
  return { name: textOf(value['name']), description: textOf(value['description']), rules }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

const parts: readonly (keyof Rule)[] = ['for', 'also', 'decide']
const isDrawable = (rule: unknown): rule is DrawnRule =>
  isObject(rule) &&
  typeof rule['id'] === 'string' &&
  parts.every((part) => rule[part] === undefined || isObject(rule[part])) &&
  (rule['when'] === undefined || typeof rule['when'] === 'string')

export const changed = (text: string, change: Change): string => edit(text, change)

/** `rule`, or the first of `rule-2`, `rule-3`, … that no rule goes by. */
export function freeId(rules: readonly DrawnRule[], wish = 'rule'): string {
  const taken = new Set(rules.map(({ id }) => id))
  for (let n = 1; ; n++) {
    const id = n === 1 ? wish : `${wish}-${n}`
    if (!taken.has(id)) return id
  }
}
