import { z } from 'zod'
import { pageOf, pageQuery, timestamp, type Route } from './http.ts'

/** Who did it. `id` is a user, an API key, a hook source or a run, by `kind`. */
export const actor = z.object({
  kind: z.enum(['user', 'api_key', 'source', 'workflow', 'system']),
  id: z.string(),
  name: z.string().optional(),
})
export type Actor = z.infer<typeof actor>

/** A fact about to be appended: the caller adds tenant, actor and correlation from its context. */
export type Fact = {
  stream: string
  streamType: string
  type: string
  schemaVersion: number
  data: Record<string, unknown>
  /** What tied it to its cause, where that differs within one act; else the context's. */
  correlation?: string
  causation?: string
}

/**
 * Declares an event type (past tense, never edited: a changed shape is a new schema version) and gives the one
 * function that makes such facts. The stream type is the prefix of the stream id.
 */
export const eventType = <T extends z.ZodObject>(type: string, schemaVersion: number, shape: T) => {
  const make = (stream: string, data: z.input<T>): Fact => ({
    stream,
    streamType: stream.slice(0, stream.indexOf('_')),
    type,
    schemaVersion,
    data: shape.parse(data),
  })
  return Object.assign(make, { type, schemaVersion, shape })
}

/** An event as it is read back: CloudEvents 1.0 names where the two meet. */
export const event = z.object({
  id: z.string(),
  type: z.string(),
  schemaVersion: z.number().int(),
  subject: z.string().meta({ description: 'The stream: the id of what it happened to.' }),
  version: z.number().int().meta({ description: 'Position in its stream, from 1.' }),
  time: timestamp,
  actor,
  correlation: z.string().nullable(),
  causation: z.string().nullable(),
  data: z.record(z.string(), z.unknown()),
})
export type Event = z.infer<typeof event>

export const auditRoutes = {
  'GET /v1/events': {
    summary: 'Read the audit log, newest first',
    scope: 'audit:read',
    query: pageQuery.extend({
      subject: z.string().max(64).optional(),
      type: z.string().max(64).optional(),
      actor: z.string().max(64).optional(),
    }),
    reply: pageOf(event),
  },
} as const satisfies Record<string, Route>
