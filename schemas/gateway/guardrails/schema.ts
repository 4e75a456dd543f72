import { z } from 'zod'
import { schemaIssues, validatorOf } from '../../automation/json-schema.ts'
import type { Json, JsonSchema } from '../../automation/json.ts'
import { guardKind } from './kind.ts'

/** Why a schema cannot be kept to; null where it can. */
const wrongSchema = (schema: JsonSchema): string | null => {
  if (JSON.stringify(schema).length > 64_000) return 'has more than 64,000 characters'
  const [first] = schemaIssues(schema)
  return first === undefined ? null : `${first.path === '' ? 'The schema' : `“${first.path}”`} ${first.message}`
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
    const { validator } = validatorOf(given)
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
