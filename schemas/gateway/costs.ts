import { z } from 'zod'
import { timestamp, type Route } from '../http.ts'

/** What costs can be told by. */
export const costSides = ['asked', 'model', 'provider', 'key', 'rule', 'operation', 'tag'] as const
export const costSide = z.enum(costSides)
export type CostSide = z.infer<typeof costSide>

const usd = (description: string) => z.number().meta({ description: `${description}, in US dollars.` })
const count = (description: string) => z.number().int().meta({ description })

/** What was saved, by the lever that saved it. A lever may also have cost more than it saved: that is told as less than 0. */
export const saved = z.object({
  cache: usd('What answers given again would have cost'),
  promptCache: usd('What prompts would have cost more without the prompt caches of providers'),
  routing: usd('What the models that were asked for would have cost more than those that rules chose instead'),
  marks: usd('What prompts that were marked for the caches of providers would have cost more without the marks'),
  trimming: usd('What would have been read more had nothing been left out that was said before'),
})
export type Saved = z.infer<typeof saved>

const sums = z.object({
  requests: count('Requests that somebody answered, or that were answered again.'),
  unpriced: count('Of those, requests for which no price is known: their cost is not in the sum.'),
  cost: usd('What they cost'),
  guard: usd('Of that, what the quality guard has asked: it counts against what was saved'),
  list: usd('What they would have cost without what saves'),
  saved,
  tokens: z.object({
    input: count('Tokens read.'),
    cached: count('Of those, out of prompt caches.'),
    output: count('Tokens written.'),
  }),
})
export type CostSums = z.infer<typeof sums>

const costs = z.object({
  by: z.enum(['hour', 'day']),
  total: sums,
  groups: z
    .array(
      sums.extend({
        group: z
          .string()
          .meta({ description: 'What they have in common; empty where they have nothing of it.', example: 'fast' }),
        name: z
          .string()
          .nullable()
          .meta({ description: 'What it is called, where `group` is an id; null once it is gone.' }),
      }),
    )
    .meta({ description: 'The dearest first, 50 at the most; the rest is in the total alone.' }),
  points: z
    .array(
      z.object({ at: timestamp, group: z.string(), cost: usd('What was spent'), list: usd('What it would have cost') }),
    )
    .meta({
      description: 'By hour or day in UTC, oldest first; what is not among the eight dearest groups is under `other`.',
    }),
  tags: z.array(z.string()).meta({ description: 'The tags that requests of this time carry.', example: ['store'] }),
})
export type Costs = z.infer<typeof costs>

export const costRoutes = {
  'GET /v1/gateway/costs': {
    summary: 'What requests to models cost, by what they have in common, and what was saved',
    scope: 'gateway:read',
    query: z.object({
      days: z.coerce.number().int().min(1).max(366).default(30).meta({
        description: 'How many days back; up to two are told by the hour, more by the day.',
      }),
      by: costSide.default('asked'),
      tag: z.string().max(40).optional().meta({ description: 'Which tag, where `by` is `tag`.', example: 'store' }),
    }),
    reply: costs,
  },
} as const satisfies Record<string, Route>
