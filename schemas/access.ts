import { z } from 'zod'
import { eventType } from './audit.ts'
import { empty, pageOf, pageQuery, timestamp, type Route } from './http.ts'
import { id } from './ids.ts'

export const scopes = [
  'runs:read',
  'runs:write',
  'automations:read',
  'automations:write',
  'automations:publish',
  'credentials:read',
  'credentials:write',
  'gateway:read',
  'gateway:write',
  'gateway:use',
  'bodies:read',
  'steering:read',
  'steering:write',
  'steering:publish',
  'approvals:read',
  'approvals:decide',
  'ingress:read',
  'ingress:write',
  'people:read',
  'people:write',
  'keys:read',
  'keys:write',
  'audit:read',
  'system:read',
  'system:write',
  'sandbox:read',
  'sandbox:write',
] as const
export const scope = z.enum(scopes)
export type Scope = z.infer<typeof scope>

export const roles = ['owner', 'admin', 'operator', 'analyst', 'viewer'] as const
export const role = z.enum(roles)
export type Role = z.infer<typeof role>

const reads = scopes.filter((s) => s.endsWith(':read'))
const dailyReads = reads.filter(
  (s) => !['people:read', 'keys:read', 'credentials:read', 'bodies:read', 'audit:read'].includes(s),
)

/** What each role may do. Only an owner may make or unmake another owner (see `mayGrant`). */
export const scopesOf: Record<Role, readonly Scope[]> = {
  owner: scopes,
  admin: scopes,
  operator: [
    ...dailyReads,
    'runs:write',
    'automations:write',
    'gateway:use',
    'steering:write',
    'approvals:decide',
    'sandbox:write',
  ],
  analyst: [...dailyReads, 'audit:read'],
  viewer: dailyReads,
}

/** May somebody of role `actor` give or take role `target`? Never more than one's own rank. */
export const mayGrant = (actor: Role, target: Role): boolean =>
  (actor === 'owner' || actor === 'admin') && roles.indexOf(actor) <= roles.indexOf(target)

export const person = z.object({
  id: id('user'),
  name: z.string(),
  email: z.string(),
  role,
  invited: z.boolean().meta({ description: 'True until the person has signed in once.' }),
  lastSeenAt: timestamp.nullable(),
  createdAt: timestamp,
})
export type Person = z.infer<typeof person>

export const email = z
  .string()
  .trim()
  .toLowerCase()
  .max(254)
  .pipe(z.email('is not an e-mail address'))
  .meta({ example: 'dana@northstar-motors.example', format: 'email' })

export const apiKey = z.object({
  id: id('apiKey'),
  name: z.string(),
  scopes: z.array(scope),
  hint: z.string().meta({ description: 'The first characters, to recognise it by.' }),
  createdAt: timestamp,
  lastUsedAt: timestamp.nullable(),
  expiresAt: timestamp.nullable(),
  revokedAt: timestamp.nullable(),
})
export type ApiKey = z.infer<typeof apiKey>

export const invitePerson = z.object({ name: z.string().trim().min(1).max(120), email, role })
export const createKey = z.object({
  name: z.string().trim().min(1).max(120),
  scopes: z.array(scope).min(1, 'choose at least one').max(scopes.length),
  expiresInDays: z.number().int().min(1).max(3650).optional(),
})

export const accessRoutes = {
  'GET /v1/people': {
    summary: 'List the people of this tenant',
    scope: 'people:read',
    query: pageQuery,
    reply: pageOf(person),
  },
  'POST /v1/people': {
    summary: 'Invite a person; answers a one-time link to hand over',
    scope: 'people:write',
    body: invitePerson,
    reply: z.object({ person, link: z.string() }),
    status: 201,
    creates: true,
    problems: ['already_exists'],
  },
  'POST /v1/people/:user/link': {
    summary: 'Make a fresh one-time sign-in link for a person',
    scope: 'people:write',
    reply: z.object({ link: z.string() }),
    status: 201,
  },
  'PATCH /v1/people/:user': {
    summary: 'Change the role of a person',
    scope: 'people:write',
    body: z.object({ role }),
    reply: person,
    problems: ['last_owner'],
  },
  'DELETE /v1/people/:user': {
    summary: 'Remove a person from this tenant and end their sessions',
    scope: 'people:write',
    reply: empty,
    status: 204,
    problems: ['last_owner'],
  },
  'GET /v1/keys': { summary: 'List API keys', scope: 'keys:read', query: pageQuery, reply: pageOf(apiKey) },
  'POST /v1/keys': {
    summary: 'Create an API key; the key itself is answered once and never again',
    scope: 'keys:write',
    body: createKey,
    reply: z.object({ apiKey, key: z.string().meta({ example: 'aut_3sK…' }) }),
    status: 201,
    creates: true,
  },
  'DELETE /v1/keys/:key': {
    summary: 'Revoke an API key at once',
    scope: 'keys:write',
    reply: empty,
    status: 204,
  },
} as const satisfies Record<string, Route>

export const personInvited = eventType('person_invited', 1, z.object({ user: z.string(), role }))
export const roleChanged = eventType('role_changed', 1, z.object({ user: z.string(), from: role, to: role }))
export const personRemoved = eventType('person_removed', 1, z.object({ user: z.string() }))
export const keyCreated = eventType(
  'key_created',
  1,
  z.object({ key: z.string(), name: z.string(), scopes: z.array(scope) }),
)
export const keyRevoked = eventType('key_revoked', 1, z.object({ key: z.string() }))
