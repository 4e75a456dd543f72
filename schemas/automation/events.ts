import { z } from 'zod'
import { eventType } from '../audit.ts'
import type { Route } from '../http.ts'
import { id } from '../ids.ts'

/** The most an event may carry, in characters of JSON: it becomes part of the history of every run that waits for it. */
export const mostData = 32_000

export const told = z.object({
  id: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .meta({ description: 'The sender’s own id: told again under it, the event counts once.', example: 'payment-4711' }),
  type: z.string().min(1).max(200).meta({ description: 'As “wait” nodes name it.', example: 'payment_received' }),
  key: z
    .string()
    .min(1)
    .max(200)
    .meta({ description: 'What ties it to runs: an order number, a customer.', example: 'order-7' }),
  data: z
    .unknown()
    .refine((data) => JSON.stringify(data ?? null).length <= mostData, `has more than ${mostData} characters as JSON`)
    .meta({ description: 'What conditions see as “event”, and what the node gives.', example: { amount: 500 } }),
})

export const eventRoutes = {
  'POST /v1/events': {
    summary: 'Tell runs that wait for it of something that has happened outside',
    scope: 'runs:write',
    body: told,
    reply: z.object({
      arrival: id('arrival'),
      id: z.string().meta({ example: 'payment-4711' }),
      repeated: z.boolean().meta({ description: 'It was told before; nothing new came of it.' }),
      waiting: z.number().int().meta({ description: 'How many steps were waiting for it.' }),
    }),
    status: 202,
    creates: true,
    problems: ['conflict'],
  },
} as const satisfies Record<string, Route>

export const arrivalReceived = eventType(
  'arrival_received',
  1,
  z.object({ id: z.string(), type: z.string(), waiting: z.number().int() }),
)
