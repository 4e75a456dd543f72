import { validatorOf } from '#schemas/automation/json-schema.ts'
import { isObject, type Json, type JsonSchema } from '#schemas/automation/json.ts'
import type { Shape } from './ask.ts'

/** What an answer is to look like: how the wires are told, and how the answer is read back. */
export type Reader = { shape: Shape | null; read: (text: string) => { value: Json } | { why: string } }

/** Without a schema any text is an answer. One that is no object is asked for inside of one. */
export function readerOf(schema: JsonSchema | null, name: string): Reader {
  if (schema === null) return { shape: null, read: readText }
  const isWrapped = schema.type !== 'object'
  const asked = isWrapped ? wrapped(schema) : schema
  const { validator } = validatorOf(asked)
  return {
    shape: { name: name.replaceAll(/[^\w-]/g, '_').slice(0, 60) || 'answer', schema: asked },
    read: (text) => {
      const value = parsed(text)
      if (value === undefined) return { why: 'It is not JSON.' }
      const { valid, errors } = validator.validate(value)
      if (valid) return { value: isWrapped && isObject(value) ? (value['answer'] as Json) : value }
      const told = errors.map(({ instanceLocation, error }) => `${instanceLocation}: ${error}`)
      return { why: `It does not fit the schema. ${told.join(' ').slice(0, 2000)}` }
    },
  }
}

const readText = (text: string): { value: Json } | { why: string } =>
  text.trim() === '' ? { why: 'It is empty.' } : { value: text }

const wrapped = ({ $defs, ...answer }: JsonSchema): JsonSchema => ({
  type: 'object',
  properties: { answer },
  required: ['answer'],
  additionalProperties: false,
  ...($defs === undefined ? {} : { $defs }),
})

/** The JSON of an answer, out of the fence that some models put around it. */
const parsed = (text: string): Json | undefined => {
  try {
    return JSON.parse(text.replace(/^\s*```(?:json)?\s*|\s*```\s*$/g, '')) as Json
  } catch {
    return undefined
  }
}

/** What OpenAI's strict mode understands; a schema with anything else is refused there ("Structured Outputs"). */
const strictWords = new Set(
  '$ref $defs additionalProperties anyOf const description enum format items maxItems maximum minItems minimum pattern properties required title type'.split(
    ' ',
  ),
)

/** Whether the schema can be kept to by the provider itself: every property required, and no others. */
export const isStrict = (schema: JsonSchema): boolean => {
  const { properties = {}, required = [], additionalProperties, items, anyOf = [], $defs = {} } = schema
  if (Object.keys(schema).some((word) => !strictWords.has(word))) return false
  const isOpen = schema.type === 'object' || schema.properties !== undefined
  if (isOpen && (additionalProperties !== false || Object.keys(properties).some((name) => !required.includes(name))))
    return false
  const inner = [
    ...Object.values(properties),
    ...anyOf,
    ...Object.values($defs),
    ...(items === undefined ? [] : [items]),
  ]
  return inner.every(isStrict)
}
