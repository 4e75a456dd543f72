import type { Definition, Node } from '../definition.ts'
import { kindOf } from '../document/forms.ts'
import { isObject, type JsonSchema } from '../json.ts'
import { pointer } from '../pointer.ts'
import { isCel, isText } from '../value.ts'

/** One field of a form that holds something: what it holds, and what its schema says of it. */
export type Place = {
  /** Nothing for a field of the document. */
  node: Node | null
  path: readonly (string | number)[]
  value: unknown
  schema: JsonSchema
  /** The field of the form that it is, or is a part of. */
  field: string
}

/** The fields of a node and all their parts, from the outside in; what is an expression has no parts. */
export function placesOf(node: Node): Place[] {
  const form = kindOf(node.kind)?.form
  const places: Place[] = []
  for (const [field, value] of Object.entries(node.with ?? {}))
    walk({ node, path: ['with', field], value, schema: form?.properties?.[field] ?? {}, field }, places)
  const own = (path: string[], value: unknown, schema: JsonSchema = {}) => {
    if (value !== undefined) walk({ node, path, value, schema, field: path.join('/') }, places)
  }
  const span: JsonSchema = { title: 'Time limit', 'x-show': 'duration' }
  own(['timeout'], node.timeout, span)
  own(['cache', 'key'], node.cache?.key)
  own(['cache', 'for'], node.cache?.for, { ...span, title: 'Kept for', 'x-plain': true })
  own(['retry', 'first'], node.retry?.first, { ...span, title: 'First pause', 'x-plain': true })
  own(['retry', 'most'], node.retry?.most, { ...span, title: 'Longest pause', 'x-plain': true })
  own(['undo', 'input'], node.undo?.input)
  return places
}

/** The fields of the document itself that hold expressions or spans of time. */
export function placesOfDocument({ output, settings }: Definition): Place[] {
  const places: Place[] = []
  const own = (path: string[], value: unknown, schema: JsonSchema = {}) => {
    if (value !== undefined) walk({ node: null, path, value, schema, field: path.join('/') }, places)
  }
  own(['output'], output)
  own(['settings', 'title'], settings?.title)
  own(['settings', 'concurrency', 'key'], settings?.concurrency?.key)
  own(['settings', 'timeout'], settings?.timeout, { title: 'Time limit', 'x-show': 'duration', 'x-plain': true })
  return places
}

const walk = (place: Place, places: Place[]): void => {
  places.push(place)
  const { value, schema, path } = place
  if (schema['x-plain'] === true && schema.items === undefined && schema.properties === undefined) return
  if (isCel(value) || isText(value)) return
  if (Array.isArray(value))
    for (const [at, one] of value.entries())
      walk({ ...place, path: [...path, at], value: one, schema: below(schema, schema.items) }, places)
  else if (isObject(value))
    for (const [key, one] of Object.entries(value)) {
      const more = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined
      walk(
        { ...place, path: [...path, key], value: one, schema: below(schema, schema.properties?.[key] ?? more) },
        places,
      )
    }
}

/** What is plain is plain to its ground. */
const below = (schema: JsonSchema, part: JsonSchema = {}): JsonSchema =>
  schema['x-plain'] === true ? { ...part, 'x-plain': true } : part

export const pathOf = (place: Place): string => pointer(place.path)
export const nameOf = (place: Place): string =>
  place.schema.title ?? place.path.findLast((part) => typeof part === 'string') ?? place.field
