import { z } from 'zod'
import { eventType } from '../audit.ts'
import { empty, pageOf, pageQuery, timestamp, type Route } from '../http.ts'
import { id } from '../ids.ts'
import { most } from './playground-empty.ts'
import { efforts } from './wires/dialogue.ts'

/** The most bytes of a conversation with its images. */
export const mostContent = 24 * 1024 * 1024

const text = z.string().max(most.text)
const short = z.string().max(200)

const call = z.object({
  id: short,
  name: short,
  arguments: text,
  result: text.nullable().meta({ description: 'What was answered to it; null where nothing was yet.' }),
})

/** `asking` is one that was not over when it was saved: whoever finds it so was cut off. */
const answer = z.object({
  model: short.meta({ description: 'The name that was asked for.' }),
  state: z.enum(['asking', 'done', 'stopped', 'failed']),
  text,
  thought: text,
  calls: z.array(call).max(128),
  error: z.object({ title: z.string().max(500), detail: z.string().max(4000).nullable() }).nullable(),
  request: id('modelRequest').nullable(),
  provider: short.nullable(),
  served: short.nullable().meta({ description: 'The model that answered.' }),
  finish: short.nullable(),
  firstMs: z.number().nullable().meta({ description: 'Until the first word, as the browser saw it.' }),
  totalMs: z.number().nullable(),
  tokens: z.object({ input: z.number(), cached: z.number(), output: z.number(), reasoning: z.number() }).nullable(),
  cost: z.number().nullable().meta({ description: 'In US dollars; null where it is not known, or not yet.' }),
  unsaid: z.array(short).max(50).meta({ description: 'What of the question this model could not be told.' }),
})
export type PlaygroundAnswer = z.infer<typeof answer>

const turn = z.object({
  text,
  images: z
    .array(z.string().max(2 * most.imageBytes))
    .max(most.images)
    .meta({ description: 'As `data:` or `https:` addresses.' }),
  answers: z
    .array(answer.nullable())
    .max(most.models)
    .meta({ description: 'One for each model, in their order; null where it was not asked.' }),
})
export type PlaygroundTurn = z.infer<typeof turn>

const parameters = z.object({
  temperature: z.number().min(0).max(2).nullable(),
  topP: z.number().min(0).max(1).nullable(),
  maxTokens: z.number().int().min(1).max(10_000_000).nullable(),
  effort: z.enum(['none', ...efforts]).nullable(),
  seed: z.number().int().nullable(),
  stop: z.array(short).max(4),
})
export type PlaygroundParameters = z.infer<typeof parameters>

const content = z
  .object({
    system: text,
    models: z.array(short).min(1).max(most.models),
    parameters,
    tools: text.meta({ description: 'Tools as they were typed: a JSON list. Empty where there are none.' }),
    schema: text.meta({ description: 'The JSON Schema of the answer, as it was typed. Empty for text.' }),
    turns: z.array(turn).max(most.turns),
  })
  .meta({
    example: {
      system: 'You answer for the service desk.',
      models: ['fast'],
      parameters: { temperature: null, topP: null, maxTokens: null, effort: null, seed: null, stop: [] },
      tools: '',
      schema: '',
      turns: [],
    },
  })
export type PlaygroundContent = z.infer<typeof content>

const name = z.string().trim().min(1).max(120)

const playground = z.object({
  id: id('playground'),
  name: z.string(),
  models: z.array(z.string()),
  shared: z.boolean().meta({ description: 'Whether everybody at the tenant who has its link may read it.' }),
  mine: z.boolean(),
  revision: z.number().int(),
  createdAt: timestamp,
  changedAt: timestamp,
})
export type Playground = z.infer<typeof playground>
const whole = playground.extend({ content })
export type WholePlayground = z.infer<typeof whole>

export const playgroundsRoutes = {
  'GET /v1/gateway/playgrounds': {
    summary: 'List one’s own conversations of the playground, newest first',
    scope: 'gateway:use',
    query: pageQuery,
    reply: pageOf(playground),
  },
  'POST /v1/gateway/playgrounds': {
    summary: 'Keep a conversation of the playground, or begin one with what a recorded request asked',
    scope: 'gateway:use',
    body: z.union([
      z.object({ name, content }),
      z.object({ request: id('modelRequest').meta({ description: 'Needs the scope bodies:read too.' }) }),
    ]),
    reply: playground,
    status: 201,
    creates: true,
    bytes: mostContent,
    problems: ['not_found', 'not_possible'],
  },
  'GET /v1/gateway/playgrounds/:playground': {
    summary: 'A conversation of the playground: one’s own, or one that is shared',
    scope: 'gateway:use',
    reply: whole,
  },
  'PATCH /v1/gateway/playgrounds/:playground': {
    summary: 'Rename a conversation, or share it within the tenant',
    scope: 'gateway:use',
    body: z.object({ name: name.optional(), shared: z.boolean().optional() }),
    reply: playground,
  },
  'PUT /v1/gateway/playgrounds/:playground/content': {
    summary: 'Save what a conversation holds, over the revision that was read',
    scope: 'gateway:use',
    body: z.object({ content, revision: z.number().int() }),
    reply: playground,
    bytes: mostContent,
    problems: ['conflict'],
  },
  'DELETE /v1/gateway/playgrounds/:playground': {
    summary: 'Delete a conversation; for a day it can be brought back',
    scope: 'gateway:use',
    reply: empty,
    status: 204,
  },
  'POST /v1/gateway/playgrounds/:playground/restore': {
    summary: 'Bring back a conversation that was deleted',
    scope: 'gateway:use',
    reply: playground,
  },
} as const satisfies Record<string, Route>

export const playgroundShared = eventType('playground_shared', 1, z.object({ shared: z.boolean() }))
export const playgroundDeleted = eventType('playground_deleted', 1, z.object({}))
export const playgroundRestored = eventType('playground_restored', 1, z.object({}))
