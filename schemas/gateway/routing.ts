import { z } from 'zod'
import { routeCache } from './caching.ts'

/** How those of one priority take turns. */
export const choices = ['weights', 'fastest', 'cheapest'] as const
export type Choice = (typeof choices)[number]

const seconds = (most: number) => z.number().min(0).max(most)

/** How a route is gone along: whom it asks first, how often, and for how long it waits. */
export const routing = z.object({
  choice: z.enum(choices).default('weights').meta({
    description:
      'Who comes first among targets of one priority: by their weights; whoever began to answer soonest of late; or whoever is cheapest for what is asked.',
  }),
  sticky: z.boolean().default(true).meta({
    description:
      'Whether a conversation stays with one target and key while they are well, so that the provider reads its beginning from its prompt cache.',
  }),
  retries: z.number().int().min(0).max(5).default(1).meta({
    description: 'How often all targets are asked once more where each failed in a way that may pass.',
  }),
  patience: seconds(60).default(5).meta({
    description:
      'How long a request may wait between them in all, in seconds; a provider that asks for longer is not waited for.',
  }),
  firstToken: seconds(600).nullable().default(null).meta({
    description: 'How long a target may take to begin its answer, in seconds, before the next is asked instead.',
  }),
  hedge: seconds(60).nullable().default(null).meta({
    description:
      'After how many seconds without a beginning the next target is asked as well; whoever begins first answers, and both are paid.',
  }),
  cache: routeCache,
})
export type Routing = z.infer<typeof routing>

export const usualRouting: Routing = routing.parse({})
