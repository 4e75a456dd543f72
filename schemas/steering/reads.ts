import { referencesIn } from '../automation/expression/references.ts'
import { isObject } from '../automation/json.ts'
import type { Rule, SteeringDocument } from './document.ts'
import { expressionOf } from './language.ts'

/** The expressions of a rule. */
export const expressionsOf = ({ when, also }: Rule): string[] => [
  ...(when === undefined ? [] : [when]),
  ...Object.values(also?.set ?? {}).flatMap((to) => (isObject(to) && typeof to['cel'] === 'string' ? [to['cel']] : [])),
]

/** What the rules that are on read: whether the prompt or budgets, and which headers. `*` stands for headers not known by name. */
export function references(document: SteeringDocument): { prompt: boolean; budget: boolean; headers: string[] } {
  const paths = document.rules
    .filter(({ enabled }) => enabled !== false)
    .flatMap(expressionsOf)
    .flatMap((text) => referencesIn(expressionOf(text).ast))
    .map(({ path }) => path)
  const headers = paths.flatMap(([root, name = '*']) => (root === 'headers' ? [name] : []))
  const reads = (name: string) => paths.some(([root]) => root === name)
  return { prompt: reads('prompt'), budget: reads('budget'), headers: [...new Set(headers)].toSorted() }
}
