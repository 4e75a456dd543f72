import { z } from 'zod'
import { eventType } from '../audit.ts'
import { pageOf, pageQuery, timestamp, type Route } from '../http.ts'
import { id } from '../ids.ts'
import { whichText } from './policies.ts'

const count = z.number().meta({ description: 'Requests; parts of one where several models may serve it.' })
const side = z.object({
  cost: z.number().meta({ description: 'In US dollars.' }),
  unpriced: count,
  refused: z.number().int(),
  models: z.array(z.object({ model: z.string(), requests: count })),
  p50Ms: z.number().nullable(),
  p95Ms: z.number().nullable(),
  untimed: count,
  rules: z.array(z.object({ rule: z.string(), requests: z.number().int() })),
})
const served = z.object({ model: z.string().nullable(), cost: z.number().nullable() })

export const replay = z.object({
  id: id('replay'),
  policy: id('policy'),
  number: z.number().int().nullable().meta({ description: 'The version; null for a draft.' }),
  revision: z.number().int().nullable().meta({ description: 'Of the draft.' }),
  from: timestamp,
  to: timestamp,
  state: z.enum(['running', 'completed', 'cancelled']),
  total: z.number().int(),
  done: z.number().int(),
  createdAt: timestamp,
  closedAt: timestamp.nullable(),
  by: z.object({ id: z.string(), name: z.string() }),
  changed: z.number().int().meta({ description: 'Requests that would be served otherwise, or no more.' }),
  unknown: z.object({
    requests: z
      .number()
      .int()
      .meta({ description: 'Requests that cannot be told: a rule reads what was not kept. They count as they were.' }),
    rules: z.array(z.object({ rule: z.string(), requests: z.number().int() })),
  }),
  before: side,
  after: side,
  sample: z.array(
    z.object({
      request: id('modelRequest'),
      at: timestamp,
      asked: z.string(),
      from: served,
      to: served,
      rule: z.string().nullable(),
    }),
  ),
})
export type Replay = z.infer<typeof replay>

export const replayRoutes = {
  'GET /v1/steering/policies/:policy/replays': {
    summary: 'List replays, newest first',
    scope: 'steering:read',
    query: pageQuery,
    reply: pageOf(replay),
  },
  'POST /v1/steering/policies/:policy/replays': {
    summary: 'Work out what recorded requests would have come to under a draft or a version',
    scope: 'steering:write',
    body: z.strictObject({
      version: whichText.default('draft'),
      from: timestamp
        .optional()
        .meta({ description: 'A week before “to” unless given.', example: '2026-11-14T10:15:00.000Z' }),
      to: timestamp.optional().meta({ description: 'Now unless given.' }),
    }),
    reply: replay,
    status: 201,
    creates: true,
    problems: ['policy_invalid'],
  },
  'GET /v1/steering/policies/:policy/replays/:replay': {
    summary: 'A replay: how far it is, and what it came to so far',
    scope: 'steering:read',
    reply: replay,
  },
  'POST /v1/steering/policies/:policy/replays/:replay/cancel': {
    summary: 'End a replay; what it came to so far stays',
    scope: 'steering:write',
    reply: replay,
    problems: ['not_possible'],
  },
} as const satisfies Record<string, Route>

/** What a workflow is told of a replay. */
export type ReplayRun = { replay: string; tenant: string }

export const replayRequested = eventType(
  'replay_requested',
  1,
  z.object({ policy: z.string(), number: z.number().int().nullable(), total: z.number().int() }),
)
export const replayClosed = eventType(
  'replay_closed',
  1,
  z.object({ state: z.string(), changed: z.number().int(), unknown: z.number().int() }),
)
