import { z } from 'zod'
import { eventType } from '../audit.ts'
import { empty, pageOf, pageQuery, timestamp, type Route } from '../http.ts'
import { id } from '../ids.ts'
import { modelName } from './routes.ts'

const perMillion = z
  .number()
  .min(0)
  .max(100_000)
  .meta({ description: 'In US dollars for a million tokens.', example: 0.25 })
const provider = z.string().min(1).max(63).meta({ description: 'The name of a provider.', example: 'local' })

/** What a tenant pays for a model, where no price book knows it or knows it otherwise. */
export const modelPrice = z.object({
  id: id('price'),
  provider: z.string(),
  model: z.string(),
  since: timestamp.meta({ description: 'From when on it is so, until a later one of the same model.' }),
  input: perMillion,
  cached: perMillion.meta({ description: 'Of the input, what is read from the provider’s cache.' }),
  output: perMillion,
  createdAt: timestamp,
})
export type ModelPrice = z.infer<typeof modelPrice>

export const priceRoutes = {
  'GET /v1/gateway/prices': {
    summary: 'List the prices of your own, newest first; they come before those of the price book',
    scope: 'gateway:read',
    query: pageQuery,
    reply: pageOf(modelPrice),
  },
  'POST /v1/gateway/prices': {
    summary: 'Say what a model costs from a time on: what was asked before keeps its cost',
    scope: 'gateway:write',
    body: z.object({
      provider,
      model: modelName,
      input: perMillion,
      output: perMillion,
      cached: perMillion.optional().meta({ description: 'As the rest of the input, where it is not said.' }),
      since: timestamp.optional().meta({ description: 'Now, where it is not said.' }),
    }),
    reply: modelPrice,
    status: 201,
    creates: true,
    problems: ['already_exists'],
  },
  'DELETE /v1/gateway/prices/:price': {
    summary: 'Delete a price; the one before it, or that of the price book, is good again',
    scope: 'gateway:write',
    reply: empty,
    status: 204,
  },
} as const satisfies Record<string, Route>

const facts = modelPrice.omit({ id: true, createdAt: true })
export const modelPriceSet = eventType('model_price_set', 1, facts)
export const modelPriceDeleted = eventType('model_price_deleted', 1, facts)
