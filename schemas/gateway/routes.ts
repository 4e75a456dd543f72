import { z } from 'zod'
import { eventType } from '../audit.ts'
import { empty, pageOf, pageQuery, timestamp, type Route as HttpRoute } from '../http.ts'
import { id } from '../ids.ts'
import { capabilities } from '../steering/actions.ts'

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
  capabilities: z
    .array(z.enum(capabilities))
    .max(capabilities.length)
    .optional()
    .meta({ description: 'What it can do, for rules that require it.' }),
  context: z.number().int().min(1).max(100_000_000).optional().meta({
    description: 'How many tokens it takes, where that is not as the book of prices says.',
  }),
  region: z.string().min(1).max(63).optional().meta({ description: 'Where it is served.' }),
})
export type Target = z.infer<typeof target>

const targets = z
  .array(target)
  .min(1, 'name at least one')
  .max(20)
  .refine((all) => all.some(({ weight }) => weight > 0), 'give at least one a weight')

export const modelRoute = z.object({
  id: id('route'),
  alias: z.string().meta({ example: 'fast' }),
  targets: z.array(target),
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
    body: z.object({ alias, targets }),
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
    summary: 'Send what comes for a name to other models',
    scope: 'gateway:write',
    body: z.object({ targets }),
    reply: modelRoute,
  },
  'DELETE /v1/gateway/routes/:route': {
    summary: 'Delete a route; its name is unknown from then on',
    scope: 'gateway:write',
    reply: empty,
    status: 204,
  },
} as const satisfies Record<string, HttpRoute>

const facts = z.object({ alias: z.string(), targets: z.array(target) })
export const routeAdded = eventType('route_added', 1, facts)
export const routeChanged = eventType('route_changed', 1, facts)
export const routeDeleted = eventType('route_deleted', 1, z.object({ alias: z.string() }))
