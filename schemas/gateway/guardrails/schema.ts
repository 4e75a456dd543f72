import { format, Validator, type Schema } from '@cfworker/json-schema'
import { RE2JS } from 're2js'
import { z } from 'zod'
import { isObject, type Json, type JsonSchema } from '../../automation/json.ts'
import { guardKind } from './kind.ts'

/** `pattern` is checked by RE2: JavaScript’s engine can be kept busy for hours by an answer that is made for it. */
const byRe2 = (schema: unknown): unknown => {
  if (Array.isArray(schema)) return schema.map(byRe2)
  if (!isObject(schema)) return schema
  const { pattern, ...rest } = schema
  const made = Object.fromEntries(
    Object.entries(rest).map(([key, value]) => [key, key === 'enum' || key === 'const' ? value : byRe2(value)]),
  )
  // a property may be called so
  if (typeof pattern !== 'string') return pattern === undefined ? made : { ...made, pattern: byRe2(pattern) }
  const name = `re2 ${pattern}`
  const compiled = RE2JS.compile(pattern)
  format[name] = (text) => compiled.matcher(text).find()
  return { ...made, allOf: [...(Array.isArray(made['allOf']) ? (made['allOf'] as unknown[]) : []), { format: name }] }
}

const holdsPatternsOfNames = (schema: unknown): boolean =>
  Array.isArray(schema)
    ? schema.some(holdsPatternsOfNames)
    : isObject(schema) && ('patternProperties' in schema || Object.values(schema).some(holdsPatternsOfNames))

const validatorOf = (schema: JsonSchema): Validator => new Validator(byRe2(schema) as Schema, '2020-12', false)

/** Why a schema cannot be kept to; null where it can. */
const wrongSchema = (schema: JsonSchema): string | null => {
  if (JSON.stringify(schema).length > 64_000) return 'has more than 64,000 characters'
  if (holdsPatternsOfNames(schema)) return 'has “patternProperties”, which are not checked here'
  try {
    const validator = validatorOf(schema)
    for (const sample of [null, {}, [], '', 0, true]) validator.validate(sample)
    return null
  } catch {
    return 'is no JSON Schema, or refers to something that is not in it'
  }
}

/** The JSON of an answer, out of the fence that some models put around it. */
const parsed = (text: string): Json | undefined => {
  try {
    return JSON.parse(text.replaceAll(/^\s*```(?:json)?\s*|\s*```\s*$/g, '')) as Json
  } catch {
    return undefined
  }
}

export const schema = guardKind({
  title: 'JSON Schema',
  about: 'Says what an answer in JSON has to look like. Answers that call tools are none yet.',
  sides: ['output'],
  mends:
    'The answer goes back once, with what is wrong with it; one that is wrong again is refused, and so is one that comes bit by bit, at its end.',
  options: z.object({
    schema: z
      .record(z.string(), z.unknown())
      .superRefine((given, ctx) => {
        const wrong = wrongSchema(given)
        if (wrong !== null) ctx.addIssue({ code: 'custom', message: wrong })
      })
      .meta({
        title: 'Schema',
        description: 'JSON Schema, draft 2020-12.',
        example: { type: 'object', properties: { answer: { type: 'string' } }, required: ['answer'] },
      }),
  }),
  compile: ({ schema: given }) => {
    const validator = validatorOf(given)
    return {
      does: 'fits',
      wrong(text) {
        const value = parsed(text)
        if (value === undefined) return ['It is not JSON.']
        const { valid, errors } = validator.validate(value)
        // places in the schema, not in the answer: what that says is nobody else’s business
        return valid
          ? null
          : [...new Set(errors.map(({ keywordLocation }) => `It does not fit ${keywordLocation}.`))].slice(0, 10)
      },
    }
  },
})
