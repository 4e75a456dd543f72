import { z } from 'zod'
import { pageOf, pageQuery, timestamp, type Route } from '../http.ts'
import { id } from '../ids.ts'
import { bodiesState } from './bodies.ts'
import { saved } from './costs.ts'
import { guarded, guardrailName } from './guardrails/index.ts'

/**
 * `refused`: nobody was asked; `blocked`: a guardrail held it or its answer back; `failed`: nobody answered; `cut`: an answer broke off; `cancelled`: who asked went away; `lost`:
 * our own process died in the midst, and what it cost is estimated.
 */
export const outcomes = ['ok', 'refused', 'blocked', 'failed', 'cut', 'cancelled', 'lost'] as const
export const outcome = z.enum(outcomes)
export type Outcome = z.infer<typeof outcome>

const tokens = z
  .object({
    input: z.number().int(),
    cached: z.number().int().meta({ description: 'Of the input, read from the provider’s cache.' }),
    cacheWrite: z.number().int().meta({ description: 'Of the input, written to it.' }),
    output: z.number().int(),
    reasoning: z.number().int().meta({ description: 'Of the output, thought and not said.' }),
  })
  .nullable()

const apart = z
  .object({
    audioInput: z.number().int().optional().meta({ description: 'Of the input, tokens of sound.' }),
    audioOutput: z.number().int().optional(),
    imageInput: z.number().int().optional().meta({ description: 'Of the input, tokens of images.' }),
    imageOutput: z.number().int().optional(),
    seconds: z.number().optional().meta({ description: 'How long the sound was, where that is what is billed.' }),
    tier: z
      .literal('flex')
      .optional()
      .meta({ description: 'The tier for what may wait, which has a price of its own.' }),
  })
  .nullable()
  .meta({ description: 'What has a price of its own beside text.' })

const trimmed = z
  .object({
    passages: z.number().int().meta({ description: 'Passages that an earlier message has word for word.' }),
    tokens: z.number().int().meta({ description: 'About so many tokens less were asked.' }),
  })
  .nullable()
  .meta({ description: 'What was left out of what was asked; null where nothing was.' })
export type Trimmed = NonNullable<z.infer<typeof trimmed>>

/**
 * What takes time besides asking: `read` until all of the request is here and it is known who asks, `rules`, `guardrails` that look at
 * what is asked, `cache` until it is known that it has no answer, `budget` until what it may cost is reserved.
 */
export const stepNames = ['read', 'rules', 'guardrails', 'cache', 'budget'] as const
export type StepName = (typeof stepNames)[number]
/** When each began, from when the request was accounted for, and how long it took, in ms. */
export type Steps = Partial<Record<StepName, [at: number, ms: number]>>

const usd = z
  .number()
  .nullable()
  .meta({ description: 'In US dollars; null where no price is known.', example: 0.0003375 })

export const modelRequest = z.object({
  id: id('modelRequest'),
  at: timestamp,
  key: z.object({ id: id('virtualKey'), name: z.string() }).nullable(),
  operation: z.string().meta({ example: 'chat' }),
  asked: z.string().meta({ description: 'The model that was asked for.', example: 'fast' }),
  provider: z.string().nullable(),
  model: z.string().nullable().meta({ description: 'The model that answered.', example: 'gpt-5-mini' }),
  stream: z.boolean(),
  outcome,
  status: z.number().int(),
  failure: z.string().nullable().meta({ description: 'What kind of failure it was.', example: 'rate_limited' }),
  error: z.string().nullable(),
  tokens,
  apart,
  estimated: z.boolean().meta({
    description: 'Whether the tokens, and so the cost, are about so many: the provider did not come to tell them.',
  }),
  cost: usd,
  price: z.string().nullable().meta({ description: 'The price book that it was counted by.' }),
  firstByteMs: z.number().nullable(),
  totalMs: z.number(),
  overheadMs: z.number().meta({ description: 'What of it was not spent waiting for a provider.' }),
  attempts: z
    .array(
      z.object({
        provider: z.string(),
        model: z.string(),
        failure: z.string().optional(),
        at: z.number().meta({ description: 'When it was asked, in ms from the beginning of the request.' }),
        ms: z.number(),
        firstByteMs: z.number().optional().meta({ description: 'When its answer began, from the beginning too.' }),
        connectMs: z
          .number()
          .optional()
          .meta({ description: 'How long it waited for a connection, where none was free.' }),
        marked: z
          .literal(true)
          .optional()
          .meta({ description: 'Its prompt was marked for the provider’s cache, by the lever.' }),
      }),
    )
    .meta({ description: 'Who was asked, in order, and for how long.' }),
  steps: z.array(z.object({ step: z.enum(stepNames), at: z.number(), ms: z.number() })).meta({
    description:
      'What else took time, in order; `at` in ms from the beginning of the request, and below 0 what came before it was accounted for.',
  }),
  tags: z.record(z.string(), z.string()),
  budget: z
    .object({ id: id('budget'), name: z.string().nullable().meta({ description: 'Null once it is deleted.' }) })
    .nullable()
    .meta({ description: 'The budget or limit that refused it.' }),
  run: id('run').nullable().meta({ description: 'The run in which it was asked.' }),
  batch: id('modelBatch').nullable().meta({ description: 'The batch that it was asked in.' }),
  person: z
    .object({ id: id('user'), name: z.string().nullable().meta({ description: 'Null once the person is gone.' }) })
    .nullable()
    .meta({ description: 'The person who asked it without a key: in the playground, or by sending one again.' }),
  replayOf: id('modelRequest').nullable().meta({ description: 'The request that it repeats.' }),
  easy: z.object({ probability: z.number(), suffices: z.boolean() }).nullable().meta({
    description:
      'How likely the cheap model does as well, by the classifier that was in force, and whether that was enough; null where no rule asked.',
  }),
  rule: z
    .object({ policy: id('policy'), number: z.number().int(), rule: z.string() })
    .nullable()
    .meta({ description: 'The rule that decided, in that version of its policy.' }),
  cache: z
    .object({
      how: z.enum(['exact', 'semantic', 'miss']).meta({
        description:
          'Answered as the very same request was before, or as one that asked nearly the same; or looked up, and asked.',
      }),
      of: id('modelRequest').nullable().meta({ description: 'The request whose answer it was.' }),
      ageMs: z.number().nullable().meta({ description: 'How old the answer was.' }),
      similarity: z
        .number()
        .nullable()
        .meta({ description: 'How alike the two questions are, where it was nearly the same.' }),
      saved: usd.meta({ description: 'What it would have cost, in US dollars; null where no price is known.' }),
    })
    .nullable()
    .meta({ description: 'What the response cache did for it; null where it was not looked into.' }),
  trimmed,
  saved: saved.nullable().meta({
    description:
      'What it would have cost more without what saves, by lever, in US dollars; null where nothing was at work.',
  }),
  guarded: z
    .array(guarded)
    .meta({ description: 'What guardrails have seen of it: kinds and counts, never what was found.' }),
  mends: id('modelRequest')
    .nullable()
    .meta({ description: 'The request whose answer did not fit, and was asked for once more by this one.' }),
  bodies: bodiesState,
  rules: z.array(z.string()).meta({ description: 'All rules that held, as policy@version/rule.' }),
})
export type ModelRequest = z.infer<typeof modelRequest>

export const requestRoutes = {
  'GET /v1/gateway/requests': {
    summary: 'List requests to models, newest first',
    scope: 'gateway:read',
    query: pageQuery.extend({
      outcome: outcome.optional(),
      key: id('virtualKey').optional(),
      run: id('run').optional(),
      replayOf: id('modelRequest').optional().meta({ description: 'Requests that repeat this one.' }),
      cache: z
        .enum(['hit', 'miss'])
        .optional()
        .meta({ description: 'Answered from the response cache, or looked up in vain.' }),
      guardrail: guardrailName
        .optional()
        .meta({ description: 'Requests in which the guardrail of this name found something.' }),
      model: z.string().max(200).optional().meta({ description: 'The model asked for, or the one that answered.' }),
    }),
    reply: pageOf(modelRequest),
  },
  'GET /v1/gateway/requests/:modelRequest': {
    summary: 'A request to a model: who was asked, what it took and what it cost',
    scope: 'gateway:read',
    reply: modelRequest,
  },
} as const satisfies Record<string, Route>
