import { evaluate, references, type Names, type Reference } from './expression.ts'
import { Failure } from './failure.ts'
import { isObject, type Json } from './json.ts'
import type { Value } from './definition.ts'

export const isCel = (value: unknown): value is { cel: string } =>
  isObject(value) && typeof value['cel'] === 'string' && Object.keys(value).length === 1
export const isText = (value: unknown): value is { text: string } =>
  isObject(value) && typeof value['text'] === 'string' && Object.keys(value).length === 1

/** A text with `{{ expressions }}` taken apart: what stands as it is, and what is evaluated. */
export function textParts(text: string): ({ literal: string } | { cel: string; start: number })[] {
  const parts: ({ literal: string } | { cel: string; start: number })[] = []
  let from = 0
  for (let open = text.indexOf('{{'); open !== -1; open = text.indexOf('{{', from)) {
    const close = text.indexOf('}}', open)
    if (close === -1) throw new Failure('expression_malformed', 'A “{{” in the text is not closed by “}}”.')
    if (open > from) parts.push({ literal: text.slice(from, open) })
    parts.push({ cel: text.slice(open + 2, close).trim(), start: open + 2 })
    from = close + 2
  }
  if (from < text.length) parts.push({ literal: text.slice(from) })
  return parts
}

/** What a field comes to: literals as they are, expressions evaluated, at any depth. */
export function resolve(value: Value | undefined, names: Names): Json {
  if (value === undefined || value === null) return null
  if (isCel(value)) return evaluate(value.cel, names)
  if (isText(value))
    return textParts(value.text)
      .map((part) => ('literal' in part ? part.literal : asText(evaluate(part.cel, names))))
      .join('')
  if (Array.isArray(value)) return value.map((one) => resolve(one, names))
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, resolve(one, names)]))
  return value
}

/** As it reads in a text: nothing for null, JSON for what is not plain. */
export const asText = (value: Json): string =>
  value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value)

export type Expression = { path: string; expression: string }

/** Every expression in a field, with where it stands in it (JSON pointer). */
export function expressionsIn(value: Value | undefined, path = ''): Expression[] {
  if (value === undefined || value === null) return []
  if (isCel(value)) return [{ path, expression: value.cel }]
  if (isText(value))
    return textParts(value.text).flatMap((part) => ('cel' in part ? [{ path, expression: part.cel }] : []))
  if (Array.isArray(value)) return value.flatMap((one, at) => expressionsIn(one, `${path}/${at}`))
  if (isObject(value)) return Object.entries(value).flatMap(([key, one]) => expressionsIn(one, `${path}/${key}`))
  return []
}

/** Every name a field reads. */
export const namesIn = (value: Value | undefined): Reference[] =>
  expressionsIn(value).flatMap(({ expression }) => references(expression))
