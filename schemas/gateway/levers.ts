import { z } from 'zod'
import { eventType } from '../audit.ts'
import { timestamp, type Route } from '../http.ts'

/** What a tenant can turn on to spend less, beside the response cache and the rules, which have settings of their own. */
export const leverSettings = z.object({
  marks: z.boolean().meta({
    description:
      'Prompts that will probably come again are marked, at providers that keep none without marks (Claude of Anthropic and on Bedrock), unless the request carries marks of its own.',
  }),
  trims: z.boolean().meta({
    description:
      'Of what users said before their last turn, and of what tools answered, long passages that an earlier message has word for word are left out and named, with spaces that say nothing. A rule may say otherwise.',
  }),
})
export type LeverSettings = z.infer<typeof leverSettings>

export const usualLevers: LeverSettings = Object.freeze({ marks: false, trims: false })

const levers = leverSettings.extend({
  changedAt: timestamp.nullable().meta({ description: 'Null while nothing was ever changed.' }),
})
export type Levers = z.infer<typeof levers>

export const leverRoutes = {
  'GET /v1/gateway/levers': {
    summary: 'What is turned on to spend less',
    scope: 'gateway:read',
    reply: levers,
  },
  'PATCH /v1/gateway/levers': {
    summary: 'Turn on or off what is there to spend less',
    scope: 'gateway:write',
    body: leverSettings.partial(),
    reply: levers,
  },
} as const satisfies Record<string, Route>

export const leversChanged = eventType('levers_changed', 1, leverSettings)
