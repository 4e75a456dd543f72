import { z } from 'zod'
import { empty, type Route } from '../http.ts'

/** Who says nothing for so long has left, in ms; who is there says so about three times as often. */
export const presentFor = 30_000
export const sayEvery = 10_000

/** Somebody at an automation: a row of the live topic `presence:<id>`. `id` is their screen, so one person may be there twice. */
export const present = z.object({
  id: z.string(),
  user: z.string(),
  name: z.string(),
  node: z.string().nullable().meta({ description: 'The step they are at.' }),
})
export type Present = z.infer<typeof present>

export const presenceRoutes = {
  'POST /v1/automations/:automation/presence': {
    summary: 'Say that one is at an automation, and at which step; it holds for half a minute',
    scope: 'automations:read',
    body: z.object({
      screen: z
        .string()
        .regex(/^[0-9a-z]{8,32}$/)
        .meta({ description: 'A name that this screen has made up for itself.', example: 'k3v9x0qa' }),
      node: z.string().max(64).nullable().default(null),
      left: z.boolean().default(false).meta({ description: 'One is gone: others need not wait.' }),
    }),
    reply: empty,
    status: 204,
  },
} as const satisfies Record<string, Route>
