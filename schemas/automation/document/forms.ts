import type { JsonSchema } from '../json.ts'
import { kinds } from '../kinds/index.ts'
import type { Kind } from '../kind.ts'
import { celShape, textShape } from './shape.ts'

/** The kind of that name, where there is one; a name such as `constructor` is none. */
export const kindOf = (named: string): Kind | undefined => (Object.hasOwn(kinds, named) ? kinds[named] : undefined)

/**
 * The schema of `with` as it stands in documents: each field, and each part of one, is a literal, `{ cel }` or `{ text }`,
 * but for those marked `x-plain`.
 */
export const withShape = ({ form }: Kind): JsonSchema => inside(form)

const inside = (schema: JsonSchema): JsonSchema => ({
  ...schema,
  ...(schema.properties === undefined
    ? {}
    : {
        properties: Object.fromEntries(Object.entries(schema.properties).map(([key, one]) => [key, expressible(one)])),
      }),
  ...(schema.items === undefined ? {} : { items: expressible(schema.items) }),
  ...(typeof schema.additionalProperties === 'object'
    ? { additionalProperties: expressible(schema.additionalProperties) }
    : {}),
})

const expressible = (schema: JsonSchema): JsonSchema => {
  if (schema['x-plain'] === true || !says(schema)) return schema
  const { title, description, default: usual, examples, 'x-show': show, ...literal } = inside(schema)
  return {
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...(usual === undefined ? {} : { default: usual }),
    ...(examples === undefined ? {} : { examples }),
    ...(show === undefined ? {} : { 'x-show': show }),
    anyOf: [{ ...(title === undefined ? {} : { title }), ...literal }, celShape, textShape],
  }
}

/** Whether a schema refuses anything at all: what takes any value takes expressions as it is. */
const says = (schema: JsonSchema): boolean =>
  Object.keys(schema).some((key) => !['title', 'description', 'default', 'examples', 'x-show'].includes(key))
