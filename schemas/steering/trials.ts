import { z } from 'zod'
import type { Route } from '../http.ts'
import { id } from '../ids.ts'
import { levels } from './document.ts'
import { mostBody, ruleText, someKey, whichText } from './policies.ts'
import { results } from './trace.ts'

/** What can be asked at the gateway's doors. */
export const operations = ['chat', 'responses', 'completions', 'embeddings', 'messages', 'count_tokens'] as const

const pasted = z.strictObject({
  operation: z.enum(operations).default('chat'),
  body: z
    .looseObject({ model: z.string().max(200) })
    .meta({ example: { model: 'fast', messages: [{ role: 'user', content: 'What does the contract say?' }] } }),
  headers: z.record(z.string().max(100), z.string().max(4000)).default({}),
  key: someKey.optional().meta({ description: 'The key that asks; none unless given.' }),
})

const which = {
  version: whichText.default('draft'),
  text: ruleText.optional().meta({ description: 'In place of a version: a text that is not saved.' }),
}

const origin = { policy: id('policy'), number: z.number().int().nullable(), rule: z.string() }

export const trial = z.object({
  by: z.object(origin).nullable().meta({ description: 'The rule that decided.' }),
  rules: z
    .array(
      z.object({
        ...origin,
        level: z.enum(levels),
        result: z.enum(results),
        why: z.string(),
        reads: z.array(z.object({ name: z.string(), value: z.unknown() })),
        us: z.number().meta({ description: 'How long its condition took, in µs.' }),
      }),
    )
    .meta({ description: 'All rules that are or would be in force, in the order in which they are looked at.' }),
  tags: z.array(z.string()),
  set: z.record(z.string(), z.unknown()).meta({ description: 'Parameters that rules set.' }),
  refusal: z.object({ status: z.number().int(), code: z.string().nullable(), message: z.string() }).nullable(),
  sent: z
    .array(
      z.object({
        provider: z.string(),
        model: z.string(),
        priority: z.number().int(),
        share: z.number().meta({ description: 'How likely it is the first of its priority.' }),
        path: z.string().nullable(),
        body: z.string().nullable().meta({ description: 'As it would be sent; null for a recorded request.' }),
        why: z.string().nullable().meta({ description: 'Why it cannot be asked.' }),
      }),
    )
    .meta({ description: 'Who would be asked, in order, and what.' }),
})
export type Trial = z.infer<typeof trial>

export const trialRoutes = {
  'POST /v1/steering/policies/:policy/test': {
    summary: 'Try a request under a draft or a version: what becomes of it, and why each rule holds or does not',
    scope: 'steering:read',
    body: z.strictObject({
      ...which,
      request: z.union([pasted, z.strictObject({ recorded: id('modelRequest') })]).meta({
        description: 'A request as it would be sent, or one that is over: what was not kept of it is not guessed.',
      }),
    }),
    bytes: mostBody,
    reply: trial,
    problems: ['policy_invalid'],
  },
} as const satisfies Record<string, Route>
