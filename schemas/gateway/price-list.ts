import { z } from 'zod'
import { timestamp, type Route } from '../http.ts'

const usd = z.number().meta({ description: 'In US dollars.', example: 0.25 })
const rate = z.object({
  of: z.string().meta({ description: 'What is counted.', example: 'input' }),
  per: z.enum(['million_tokens', 'thousand', 'hour']),
  price: usd,
  above: z
    .array(z.object({ tokens: z.number().int(), price: usd }))
    .meta({ description: 'What all of it costs where the input has more tokens than that.' }),
})
export type ListedRate = z.infer<typeof rate>

const period = z.object({
  from: timestamp.nullable().meta({ description: 'From when on; null where it has always been so.' }),
  hours: z
    .object({ from: z.string(), to: z.string() })
    .nullable()
    .meta({ description: 'At what time of the day (UTC); null where it is so all day.' }),
  rates: z.array(rate),
})
export type ListedPeriod = z.infer<typeof period>

const listedModel = z.object({
  model: z.string(),
  title: z.string().nullable(),
  context: z
    .number()
    .int()
    .nullable()
    .meta({ description: 'How many tokens it takes; null where the book does not say.' }),
  deprecated: z.boolean(),
  periods: z.array(period).meta({ description: 'What it costs and has cost; of those that apply the last is good.' }),
})
export type ListedModel = z.infer<typeof listedModel>

const unpricedModel = z.object({
  provider: z.string(),
  model: z.string(),
  requests: z.number().int().meta({ description: 'Requests of the last 30 days whose cost is not known.' }),
  lastAt: timestamp.nullable().meta({ description: 'The hour of the last of them; null where there was none.' }),
  routes: z.array(z.string()).meta({ description: 'The names that lead to it.' }),
})
export type UnpricedModel = z.infer<typeof unpricedModel>

export const priceListRoutes = {
  'GET /v1/gateway/providers/:provider/price-list': {
    summary: 'What a provider lists, by the price book: by kind of token, with steps and dates',
    scope: 'gateway:read',
    reply: z.object({
      book: z
        .string()
        .nullable()
        .meta({ description: 'The book and its edition; null where none has a list of this provider.' }),
      items: z.array(listedModel),
    }),
  },
  'GET /v1/gateway/prices/missing': {
    summary: 'Models that were asked lately, or that a route leads to, and that have no price',
    scope: 'gateway:read',
    reply: z.object({ items: z.array(unpricedModel) }),
  },
} as const satisfies Record<string, Route>
