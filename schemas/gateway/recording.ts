import { z } from 'zod'
import { eventType } from '../audit.ts'
import { timestamp, type Route } from '../http.ts'
import { id } from '../ids.ts'

/** `some`: those of the keys and tags that are named. */
export const recorded = ['nothing', 'some', 'everything'] as const
export type RecordedOf = (typeof recorded)[number]

const tag = z
  .string()
  .trim()
  .regex(/^[\w][\w.:/-]*(?:=.+)?$/, 'is a tag such as store=north, or a name alone for any value')
  .max(170)

/** Whether the bodies of requests and answers are kept, of which requests, and for how long. */
export const recordingSettings = z.object({
  of: z.enum(recorded),
  keys: z.array(id('virtualKey')).max(100).meta({ description: 'With “some”: requests that these keys ask.' }),
  tags: z
    .array(tag)
    .max(100)
    .meta({ description: 'With “some”: requests with one of these tags, also those that rules add.' }),
  days: z
    .number()
    .int()
    .min(1)
    .max(365)
    .meta({ description: 'They are deleted after so many days. Fewer count for what is kept already.' }),
})
export type RecordingSettings = z.infer<typeof recordingSettings>

export const usualRecording: RecordingSettings = Object.freeze({ of: 'nothing', keys: [], tags: [], days: 7 })

const recording = recordingSettings.extend({
  changedAt: timestamp.nullable().meta({ description: 'Null while nothing was ever changed.' }),
  requests: z.number().int().meta({ description: 'Of so many requests bodies are kept now.' }),
  bytes: z.number().int().meta({ description: 'What they take, packed and sealed.' }),
})
export type Recording = z.infer<typeof recording>

const deleted = z.object({ requests: z.number().int() })

export const recordingRoutes = {
  'GET /v1/gateway/recording': {
    summary: 'Whether bodies of requests to models are recorded, and how many there are',
    scope: 'gateway:read',
    reply: recording,
  },
  'PATCH /v1/gateway/recording': {
    summary: 'Say of which requests bodies are recorded, and for how long',
    scope: 'gateway:write',
    body: recordingSettings.partial(),
    reply: recording,
  },
  'POST /v1/gateway/recording/delete': {
    summary: 'Delete all bodies that were recorded; the requests stay, with what they cost',
    scope: 'gateway:write',
    reply: deleted,
  },
} as const satisfies Record<string, Route>

export const recordingChanged = eventType('recording_changed', 1, recordingSettings)
export const recordingDeleted = eventType('recording_deleted', 1, deleted)
