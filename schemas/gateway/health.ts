import { z } from 'zod'
import { timestamp, type Route } from '../http.ts'
import { id } from '../ids.ts'

/**
 * `open`: it failed too often and is left alone. `half_open`: one request at a time tries whether it is well again.
 * `resting`: a key that the provider refused, or asked to wait. `closed`: it is well.
 */
export const healthStates = ['closed', 'open', 'half_open', 'resting'] as const
export const healthState = z.enum(healthStates)
export type HealthState = z.infer<typeof healthState>

const ms = z.number().nullable()

/** A state that a model at a provider came into, or a key of the provider for it. */
export const healthChange = z.object({
  id: id('healthChange'),
  provider: z.string().meta({ example: 'openai' }),
  model: z.string().meta({ example: 'gpt-5-mini' }),
  key: z
    .object({ id: z.string(), label: z.string().nullable() })
    .nullable()
    .meta({ description: 'The key that it is about; null where it is about the model, whatever the key.' }),
  state: healthState,
  why: z.string().nullable().meta({ example: 'Rate limit reached for requests' }),
  at: timestamp,
  until: timestamp.nullable().meta({ description: 'When it is asked again.' }),
})
export type HealthChange = z.infer<typeof healthChange>

/** How a model at a provider did of late. */
export const targetFigures = z.object({
  provider: z.string().meta({ example: 'openai' }),
  model: z.string().meta({ example: 'gpt-5-mini' }),
  asked: z.number().int().meta({ description: 'How often it was asked.' }),
  failed: z.number().int(),
  firstByteMs: z.object({ p50: ms, p95: ms }).meta({ description: 'From being asked to the first byte, in ms.' }),
  totalMs: z.object({ p50: ms, p95: ms }).meta({ description: 'From being asked to the last byte, in ms.' }),
  price: z
    .object({ input: z.number(), output: z.number() })
    .nullable()
    .meta({ description: 'In US dollars for a million tokens, at list price; null where none is known.' }),
})
export type TargetFigures = z.infer<typeof targetFigures>

export const healthRoutes = {
  'GET /v1/gateway/health': {
    summary: 'How the models of providers do: who is left alone and why, how soon they answer, how often they fail',
    scope: 'gateway:read',
    reply: z.object({
      states: z.array(healthChange).meta({ description: 'The latest of each model and key that is not well.' }),
      changes: z.array(healthChange).meta({ description: 'The newest changes, newest first.' }),
      figures: z.array(targetFigures).meta({ description: 'Of the last hour, or of its newest 20,000 requests.' }),
    }),
  },
} as const satisfies Record<string, Route>
