import { z } from 'zod'
import { eventType } from './audit.ts'
import { empty, pageOf, pageQuery, timestamp, type Route } from './http.ts'
import { id } from './ids.ts'

/** A body larger than this is refused before it is read to the end, in bytes. */
export const maxBodyBytes = 256 * 1024

export const receiptStatuses = [
  'accepted',
  'running',
  'waiting',
  'completed',
  'failed',
  'cancelled',
  'quarantined',
  'discarded',
] as const
export const receiptStatus = z.enum(receiptStatuses)
export type ReceiptStatus = z.infer<typeof receiptStatus>

/** What the sender gets: 202 means the body is committed, and `receipt` resolves for ever. */
export const acceptance = z.object({
  receipt: id('receipt'),
  duplicate: z.boolean().meta({ description: 'This webhook id was accepted before with the same body.' }),
})
export type Acceptance = z.infer<typeof acceptance>

export const receipt = z.object({
  receipt: id('receipt'),
  status: receiptStatus,
  run: id('run').nullable(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
})
export type Receipt = z.infer<typeof receipt>

/** A receipt as the list shows it. */
export const receiptRow = receipt.extend({
  id: z.string(),
  source: z.string(),
  webhookId: z.string(),
  title: z.string().meta({ description: 'Who the lead is from and what about, once it was read.' }),
  bytes: z.number().int(),
  deliveries: z.number().int().meta({ description: 'How often the sender delivered it.' }),
  acceptedAt: timestamp,
  conflictsWith: id('receipt').nullable(),
})
export type ReceiptRow = z.infer<typeof receiptRow>

export const receiptDetail = receiptRow.extend({
  contentType: z.string(),
  body: z.string().nullable().meta({ description: 'The body as it came, while retention keeps it.' }),
  notes: z.array(z.object({ code: z.string(), message: z.string(), line: z.number(), column: z.number() })),
  lead: z.record(z.string(), z.unknown()).nullable(),
})

export type ReceiptDetail = z.infer<typeof receiptDetail>

export const sourceSecret = z.object({
  id: id('secret'),
  kind: z.enum(['hmac', 'ed25519']),
  hint: z.string(),
  createdAt: timestamp,
  retiresAt: timestamp.nullable().meta({ description: 'While two secrets live, when the older one ends.' }),
})
export const source = z.object({
  id: id('source'),
  name: z.string(),
  url: z.string(),
  secrets: z.array(sourceSecret),
  createdAt: timestamp,
  lastAcceptedAt: timestamp.nullable(),
})
export type Source = z.infer<typeof source>

export const sourceName = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/, 'takes lower-case letters, digits and -')
  .meta({ example: 'website' })

const sourceWithSecret = z.object({ source, secret: z.string().nullable().meta({ example: 'whsec_…' }) })
const publicKey = z
  .string()
  .regex(/^whpk_[A-Za-z0-9+/]{43}=$/, 'is not a whpk_ Ed25519 public key')
  .optional()
  .meta({
    description: 'Give an Ed25519 public key to receive v1a signatures; without it an HMAC secret is made.',
    example: 'whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=',
  })

export const ingressRoutes = {
  'GET /v1/receipts/:receipt': {
    summary: 'Resolve a receipt: what became of an accepted webhook',
    scope: 'ingress:read',
    reply: receipt,
  },
  'GET /v1/receipts/:receipt/detail': {
    summary: 'A receipt with its body, the lead read from it and what the parser forgave',
    scope: 'ingress:read',
    reply: receiptDetail,
  },
  'GET /v1/receipts': {
    summary: 'List receipts, newest first',
    scope: 'ingress:read',
    query: pageQuery.extend({
      status: receiptStatus.optional(),
      source: z.string().max(64).optional(),
      text: z.string().max(200).optional(),
    }),
    reply: pageOf(receiptRow),
  },
  'POST /v1/receipts/:receipt/release': {
    summary: 'Release a quarantined body: it starts a run after all',
    scope: 'ingress:write',
    reply: receipt,
    problems: ['conflict'],
  },
  'POST /v1/receipts/:receipt/discard': {
    summary: 'Discard a quarantined body; it is kept, and starts nothing',
    scope: 'ingress:write',
    reply: receipt,
    problems: ['conflict'],
  },
  'GET /v1/sources': {
    summary: 'List webhook sources',
    scope: 'ingress:read',
    query: pageQuery,
    reply: pageOf(source),
  },
  'POST /v1/sources': {
    summary: 'Add a webhook source; its secret is answered once',
    scope: 'ingress:write',
    body: z.object({ name: sourceName, publicKey }),
    reply: sourceWithSecret,
    status: 201,
    creates: true,
    problems: ['already_exists'],
  },
  'POST /v1/sources/:source/rotate': {
    summary: 'Add a new secret; the old one stays valid for the overlap',
    scope: 'ingress:write',
    body: z.object({ overlapHours: z.number().int().min(0).max(168).default(24), publicKey }),
    reply: sourceWithSecret,
    status: 201,
    creates: true,
  },
  'DELETE /v1/sources/:source/secrets/:secret': {
    summary: 'End a secret now; the last one of a source cannot be ended',
    scope: 'ingress:write',
    reply: empty,
    status: 204,
    problems: ['conflict'],
  },
} as const satisfies Record<string, Route>

const origin = { source: z.string(), webhookId: z.string(), bytes: z.number(), sha256: z.string() }
export const webhookAccepted = eventType('webhook_accepted', 1, z.object(origin))
export const webhookQuarantined = eventType(
  'webhook_quarantined',
  1,
  z.object({ ...origin, conflictsWith: z.string(), reason: z.string() }),
)
export const webhookHeld = eventType('webhook_held', 1, z.object({ automation: z.string(), reason: z.string() }))
export const quarantineReleased = eventType('quarantine_released', 1, z.object({ run: z.string() }))
export const quarantineDiscarded = eventType('quarantine_discarded', 1, z.object({}))
export const sourceAdded = eventType('source_added', 1, z.object({ name: z.string(), secret: z.string() }))
export const secretRotated = eventType(
  'secret_rotated',
  1,
  z.object({ secret: z.string(), retiring: z.array(z.string()), retiresAt: timestamp }),
)
export const secretEnded = eventType('secret_ended', 1, z.object({ secret: z.string() }))
