import { z } from 'zod'
import { eventType } from '../audit.ts'
import type { Route } from '../http.ts'
import { id } from '../ids.ts'

export const replayRoutes = {
  'POST /v1/gateway/requests/:modelRequest/replay': {
    summary: 'Send a recorded request again, as it was or to another model; needs the scope bodies:read too',
    scope: 'gateway:use',
    body: z.object({
      model: z.string().min(1).max(200).optional().meta({ description: 'Whom to ask instead.', example: 'fast' }),
    }),
    reply: z.object({
      modelRequest: id('modelRequest').meta({
        description: 'The new request; it is written down when it is over, and recorded as the one that it repeats.',
      }),
    }),
    status: 202,
    creates: true,
    problems: ['not_possible'],
  },
} as const satisfies Record<string, Route>

export const modelRequestReplayed = eventType(
  'model_request_replayed',
  1,
  z.object({ as: id('modelRequest'), model: z.string().nullable() }),
)
