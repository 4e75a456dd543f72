import { z } from 'zod'
import { eventType } from '../audit.ts'
import { empty, timestamp, type Route } from '../http.ts'
import { id } from '../ids.ts'

/**
 * `guardrail`: one masked or held it back, and it did not come so that it could be kept masked; `unchecked`: it was refused
 * before any guardrail looked at it; `binary`: it is no text; `no_room`: too much waited to be written down.
 */
export const withheld = ['guardrail', 'unchecked', 'binary', 'no_room'] as const
export type Withheld = (typeof withheld)[number]

const count = z.number().int().nullable()
const part = z.discriminatedUnion('kind', [
  z.object({ kind: z.enum(['text', 'thought', 'refusal']), text: z.string() }),
  z.object({
    kind: z.enum(['image', 'document', 'sound']),
    name: z.string().nullable(),
    type: z.string().nullable(),
    bytes: count.meta({ description: 'How large it is, where it was sent along.' }),
    url: z.string().nullable().meta({ description: 'Where it is, where its address was sent.' }),
  }),
  z.object({ kind: z.literal('call'), id: z.string(), name: z.string(), arguments: z.string() }),
  z.object({ kind: z.literal('result'), call: z.string(), text: z.string(), failed: z.boolean() }),
  z.object({ kind: z.literal('other'), json: z.string() }),
])
export type SaidPart = z.infer<typeof part>

const turn = z.object({ by: z.enum(['system', 'developer', 'user', 'assistant', 'tool']), parts: z.array(part) })
export type SaidTurn = z.infer<typeof turn>

const body = z.object({
  type: z.string().meta({ description: 'Its content type, as it was sent.', example: 'application/json' }),
  bytes: z.number().int().meta({ description: 'How long all of it was.' }),
  whole: z.boolean().meta({ description: 'Whether what is here is all of it.' }),
  gathered: z.boolean().meta({ description: 'It came as a stream, and was put together.' }),
  withheld: z.enum(withheld).nullable().meta({ description: 'Why it was not kept; null where it was.' }),
  text: z.string().nullable(),
  turns: z.array(turn).nullable().meta({ description: 'As a conversation; null where it is none.' }),
})
export type RecordedBody = z.infer<typeof body>

export const bodies = z.object({
  modelRequest: id('modelRequest'),
  operation: z.string().meta({ example: 'chat' }),
  asked: body,
  answer: body,
  until: timestamp.meta({ description: 'When they are deleted.' }),
})
export type Bodies = z.infer<typeof bodies>

/** What became of the bodies of a request that was to be recorded. */
export const bodiesState = z
  .object({
    state: z.enum(['kept', 'missing', 'over', 'deleted']).meta({
      description:
        'Missing: not written down yet, or there was no room while the database was away. Over: their days have passed.',
    }),
    until: timestamp,
  })
  .nullable()
  .meta({ description: 'Whether its bodies are recorded; null where they were not to be.' })

export const bodyRoutes = {
  'GET /v1/gateway/requests/:modelRequest/bodies': {
    summary: 'What a request asked and what was answered, as recorded; who reads it stands in the audit log',
    scope: 'bodies:read',
    reply: bodies,
  },
  'DELETE /v1/gateway/requests/:modelRequest/bodies': {
    summary: 'Delete what was recorded of a request; again changes nothing',
    scope: 'gateway:write',
    reply: empty,
    status: 204,
  },
} as const satisfies Record<string, Route>

export const bodiesOpened = eventType('bodies_opened', 1, z.object({}))
export const bodiesDeleted = eventType('bodies_deleted', 1, z.object({}))
