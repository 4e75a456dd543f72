import { z } from 'zod'
import { eventType } from '../audit.ts'
import { pageOf, pageQuery, timestamp, type Route } from '../http.ts'
import { id } from '../ids.ts'
import { endpointNames } from './batch-lines.ts'

/** `reading`: its lines are checked; the last four are closed. */
const modelBatchStates = ['reading', 'running', 'cancelling', 'completed', 'failed', 'expired', 'cancelled'] as const
export type ModelBatchState = (typeof modelBatchStates)[number]

const lineProblem = z.object({
  line: z.number().int().nullable().meta({ description: 'Counted from one; null for what is wrong with all of it.' }),
  code: z.string().meta({ example: 'duplicate_custom_id' }),
  message: z.string(),
  param: z.string().nullable(),
})

export const modelBatch = z.object({
  id: id('modelBatch'),
  name: z.string().nullable().meta({ example: 'Descriptions of the used cars' }),
  wire: z.enum(['chat', 'messages']).meta({ description: 'Whether it was asked for as OpenAI’s or as Anthropic’s.' }),
  endpoint: z.string().meta({ example: '/v1/chat/completions' }),
  key: z.object({ id: id('virtualKey'), name: z.string() }).nullable(),
  by: z.object({ id: z.string(), name: z.string() }),
  state: z.enum(modelBatchStates),
  total: z.number().int(),
  succeeded: z.number().int(),
  errored: z.number().int(),
  canceled: z.number().int(),
  expired: z.number().int(),
  problems: z.array(lineProblem).meta({ description: 'Why its lines cannot be asked; it has failed then.' }),
  createdAt: timestamp,
  closedAt: timestamp.nullable(),
  expiresAt: timestamp.meta({ description: 'What is not answered by then is given up.' }),
})
export type ModelBatch = z.infer<typeof modelBatch>

const results = z.enum(['output', 'errors'])

export const modelBatchRoutes = {
  'GET /v1/gateway/batches': {
    summary: 'List batches of requests to models, newest first',
    scope: 'gateway:read',
    query: pageQuery,
    reply: pageOf(modelBatch),
  },
  'POST /v1/gateway/batches': {
    summary: 'Ask many requests that may wait; it goes on whoever closes the page',
    scope: 'gateway:write',
    body: z.strictObject({
      name: z.string().trim().min(1).max(200).meta({ example: 'used-cars.jsonl' }),
      endpoint: z.enum(endpointNames).meta({ example: '/v1/chat/completions' }),
      key: id('virtualKey')
        .optional()
        .meta({ description: 'Whose budgets, models and tags hold; nobody’s unless given.' }),
      lines: z.string().min(1).meta({
        description: 'JSON Lines, as in a file for OpenAI’s batches.',
        example:
          '{"custom_id":"1","method":"POST","url":"/v1/chat/completions","body":{"model":"fast","messages":[{"role":"user","content":"Hello"}]}}\n',
      }),
    }),
    bytes: 32 * 1024 * 1024,
    reply: modelBatch,
    status: 201,
    creates: true,
    problems: ['invalid'],
  },
  'GET /v1/gateway/batches/:modelBatch': {
    summary: 'A batch of requests to models: how far it is, and what it has cost so far',
    scope: 'gateway:read',
    reply: z.object({
      batch: modelBatch,
      cost: z.number().meta({ description: 'Of its requests so far, in US dollars.', example: 0.0135 }),
      unpriced: z.number().int().meta({ description: 'Requests that were answered, and have no known price.' }),
      lost: z.number().int().meta({ description: 'Times that a process died while it waited for an answer.' }),
      errors: z
        .array(z.object({ custom: z.string(), status: z.number().int().nullable(), message: z.string() }))
        .meta({ description: 'The first lines that were not answered well, and why.' }),
    }),
  },
  'GET /v1/gateway/batches/:modelBatch/results': {
    summary: 'What a batch has come to so far, as JSON Lines in the words of its wire',
    scope: 'gateway:read',
    query: z.object({
      part: results.default('output').meta({ description: 'Of Anthropic’s wire, all are in the output.' }),
      cursor: z.coerce.number().int().min(0).optional(),
      limit: z.coerce.number().int().min(1).max(1000).default(200),
    }),
    reply: z.object({ lines: z.string(), next: z.number().int().nullable() }),
  },
  'POST /v1/gateway/batches/:modelBatch/cancel': {
    summary: 'End a batch: what is asked already is still answered, the rest is not asked',
    scope: 'gateway:write',
    reply: modelBatch,
    problems: ['not_possible'],
  },
} as const satisfies Record<string, Route>

/** What a workflow is told of a batch. */
export type ModelBatchRun = { batch: string; tenant: string }

export const modelBatchRequested = eventType(
  'model_batch_requested',
  1,
  z.object({ endpoint: z.string(), total: z.number().int() }),
)
export const modelBatchClosed = eventType(
  'model_batch_closed',
  1,
  z.object({ state: z.string(), succeeded: z.number().int(), errored: z.number().int() }),
)
