import { z } from 'zod'
import { eventType } from '../audit.ts'
import { empty, pageOf, pageQuery, timestamp, type Route as HttpRoute } from '../http.ts'
import { id } from '../ids.ts'
import { capabilities } from '../steering/actions.ts'
import { guardrailActs } from './guardrails/index.ts'
import { routing } from './routing.ts'

export const modelName = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[\x21-\x7e]+$/, 'takes visible characters of ASCII only')
  .meta({ example: 'gpt-5-mini' })

export const alias = z
  .string()
  .regex(/^[A-Za-z0-9][\w.:@/-]{0,127}$/, 'is made of letters, digits and . _ : @ / -')
  .meta({ description: 'The name that callers ask for.', example: 'fast' })

export const target = z.object({
  provider: z.string().max(63).meta({ description: 'The name of a provider.', example: 'openai' }),
  model: modelName,
  weight: z
    .number()
    .int()
    .min(0)
    .max(1000)
    .default(1)
    .meta({ description: 'Its share of the requests among those of its priority; with 0 it gets none.' }),
  priority: z
    .number()
    .int()
    .min(0)
    .max(9)
    .default(0)
    .meta({ description: 'Those of the lowest number come first; the next are for when none of them answers.' }),
  region: z
    .string()
    .max(63)
    .regex(/^[a-z0-9-]+$/, 'is made of small letters, digits and -')
    .optional()
    .meta({ description: 'Where it is served, for rules that require it.', example: 'eu-central-1' }),
  capabilities: z
    .array(z.enum(capabilities))
    .max(capabilities.length)
    .optional()
    .meta({
      description:
        'All that it can be asked for beyond text: requests that need more, and rules that require more, go to others. Where it is not said, requests are tried, and rules do not take it for granted.',
      example: ['vision', 'tools', 'structured'],
    }),
  context: z.number().int().min(1).max(100_000_000).optional().meta({
    description:
      'The most tokens of a question; longer ones go to others. Rules go by the book of prices where it is not said.',
    example: 400_000,
  }),
})
export type Target = z.infer<typeof target>

/** A model at a provider, as the only one of its kind. */
export const targetOf = (provider: string, model: string): Target => ({ provider, model, weight: 1, priority: 0 })

const targets = z
  .array(target)
  .min(1, 'name at least one')
  .max(20)
  .refine((all) => all.some(({ weight }) => weight > 0), 'give at least one a weight')

export const modelRoute = z.object({
  id: id('route'),
  alias: z.string().meta({ example: 'fast' }),
  targets: z.array(target),
  routing,
  guardrails: guardrailActs,
  createdAt: timestamp,
  changedAt: timestamp,
})
export type ModelRoute = z.infer<typeof modelRoute>

export const routeRoutes = {
  'GET /v1/gateway/routes': {
    summary: 'List the routes: which models answer for a name, newest first',
    scope: 'gateway:read',
    query: pageQuery,
    reply: pageOf(modelRoute),
  },
  'POST /v1/gateway/routes': {
    summary: 'Add a route',
    scope: 'gateway:write',
    body: z.object({ alias, targets, routing: routing.optional(), guardrails: guardrailActs.optional() }),
    reply: modelRoute,
    status: 201,
    creates: true,
    problems: ['already_exists'],
  },
  'GET /v1/gateway/routes/:route': {
    summary: 'A route, by id',
    scope: 'gateway:read',
    reply: modelRoute,
  },
  'PATCH /v1/gateway/routes/:route': {
    summary: 'Send what comes for a name to other models, or in another way',
    scope: 'gateway:write',
    body: z.object({
      targets: targets.optional(),
      routing: routing.optional(),
      guardrails: guardrailActs.optional(),
    }),
    reply: modelRoute,
  },
  'DELETE /v1/gateway/routes/:route': {
    summary: 'Delete a route; its name is unknown from then on',
    scope: 'gateway:write',
    reply: empty,
    status: 204,
  },
} as const satisfies Record<string, HttpRoute>

const facts = z.object({
  alias: z.string(),
  targets: z.array(target),
  routing: routing.optional(),
  guardrails: guardrailActs.optional(),
})
export const routeAdded = eventType('route_added', 1, facts)
export const routeChanged = eventType('route_changed', 1, facts)
export const routeDeleted = eventType('route_deleted', 1, z.object({ alias: z.string() }))
