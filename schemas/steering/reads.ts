import { referencesIn } from '../automation/expression/references.ts'
import { isObject } from '../automation/json.ts'
import type { Rule, SteeringDocument } from './document.ts'
import { expressionOf } from './language.ts'

/** The expressions of a rule. */
export const expressionsOf = ({ when, also }: Rule): string[] => [
  ...(when === undefined ? [] : [when]),
  ...Object.values(also?.set ?? {}).flatMap((to) => (isObject(to) && typeof to['cel'] === 'string' ? [to['cel']] : [])),
]

/** What the rules that are on read: whether the prompt, and which headers. `*` stands for headers not known by name. */
export function references(document: SteeringDocument): { prompt: boolean; headers: string[] } {
  const paths = document.rules
    .filter(({ enabled }) => enabled !== false)
    .flatMap(expressionsOf)
    .flatMap((text) => referencesIn(expressionOf(text).ast))
    .map(({ path }) => path)
  const headers = paths.flatMap(([root, name = '*']) => (root === 'headers' ? [name] : []))
  return { prompt: paths.some(([root]) => root === 'prompt'), headers: [...new Set(headers)].toSorted() }
}
