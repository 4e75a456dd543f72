import { z } from 'zod'
import { eventType } from '../audit.ts'
import { pageOf, pageQuery, timestamp, type Route } from '../http.ts'
import { id } from '../ids.ts'
import { alias } from './routes.ts'

const name = z.string().trim().min(1).max(120).meta({ example: 'Service desk chat' })
const models = z
  .array(alias)
  .min(1, 'name at least one, or leave it out for all')
  .max(100)
  .nullable()
  .meta({ description: 'The names it may ask for; null for all.', example: ['fast'] })
const tags = z
  .record(z.string().regex(/^[a-z][a-z0-9_-]{0,39}$/), z.string().max(120), {
    error: ({ code }) =>
      code === 'invalid_key' ? 'is a name of at most 40 small letters, digits, _ and -, a letter first' : undefined,
  })
  .refine((all) => Object.keys(all).length <= 20, 'takes 20 at most')
  .meta({ description: 'Costs are summed by them.', example: { store: 'north' } })

/** A key for models: what holds it may ask for these, and every request is written down as its. */
export const virtualKey = z.object({
  id: id('virtualKey'),
  name: z.string(),
  hint: z.string().meta({ description: 'The first characters of its newest secret.', example: 'sk-aut-x7Qw' }),
  models: z.array(z.string()).nullable(),
  tags: z.record(z.string(), z.string()),
  createdAt: timestamp,
  lastUsedAt: timestamp.nullable(),
  expiresAt: timestamp.nullable(),
  revokedAt: timestamp.nullable(),
  overlapUntil: timestamp.nullable().meta({ description: 'Until then the secret before its newest is good too.' }),
})
export type VirtualKey = z.infer<typeof virtualKey>

/** A key just made or rotated: the only time that its secret is told. */
export const toldKey = virtualKey.extend({
  key: z.string().meta({ description: 'The secret; it is not told again.', example: `sk-aut-${'x'.repeat(43)}` }),
})

export const keyRoutes = {
  'GET /v1/gateway/keys': {
    summary: 'List the keys for models, newest first; never their secrets',
    scope: 'gateway:read',
    query: pageQuery,
    reply: pageOf(virtualKey),
  },
  'POST /v1/gateway/keys': {
    summary: 'Make a key for models; its secret is told once',
    scope: 'gateway:write',
    body: z.object({
      name,
      models: models.default(null),
      tags: tags.default({}),
      expiresInDays: z.number().int().min(1).max(3650).optional(),
    }),
    reply: toldKey,
    status: 201,
    creates: true,
  },
  'GET /v1/gateway/keys/:virtualKey': { summary: 'A key for models', scope: 'gateway:read', reply: virtualKey },
  'PATCH /v1/gateway/keys/:virtualKey': {
    summary: 'Say what a key may ask for, and how its costs are tagged',
    scope: 'gateway:write',
    body: z.object({ name: name.optional(), models: models.optional(), tags: tags.optional() }),
    reply: virtualKey,
  },
  'POST /v1/gateway/keys/:virtualKey/rotate': {
    summary: 'Give a key a new secret, told once; the one before stays good for a while',
    scope: 'gateway:write',
    body: z.object({
      overlapHours: z
        .number()
        .min(0)
        .max(720)
        .default(24)
        .meta({ description: 'How long the secret before stays good; with 0 it ends at once.' }),
    }),
    reply: toldKey,
    status: 201,
    creates: true,
    problems: ['conflict'],
  },
  'DELETE /v1/gateway/keys/:virtualKey': {
    summary: 'Revoke a key at once; again changes nothing',
    scope: 'gateway:write',
    reply: virtualKey,
  },
} as const satisfies Record<string, Route>

const facts = z.object({
  name: z.string(),
  models: z.array(z.string()).nullable(),
  tags: z.record(z.string(), z.string()),
})
export const virtualKeyCreated = eventType('virtual_key_created', 1, facts)
export const virtualKeyChanged = eventType('virtual_key_changed', 1, facts)
export const virtualKeyRotated = eventType('virtual_key_rotated', 1, z.object({ overlapUntil: z.string() }))
export const virtualKeyRevoked = eventType('virtual_key_revoked', 1, z.object({ name: z.string() }))
