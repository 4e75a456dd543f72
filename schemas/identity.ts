import { z } from 'zod'
import { email, role, scope } from './access.ts'
import { eventType } from './audit.ts'
import { empty, pageOf, pageQuery, timestamp, type Route } from './http.ts'
import { id } from './ids.ts'

export const password = z
  .string()
  .min(12, 'needs at least 12 characters')
  .max(256)
  .meta({ example: 'correct horse battery staple' })

export const me = z.object({
  user: z.object({ id: z.string(), name: z.string(), email: z.string(), hasPassword: z.boolean() }).nullable(),
  tenant: z.object({ id: id('tenant'), slug: z.string(), name: z.string() }),
  role: role.nullable(),
  scopes: z.array(scope),
  demo: z.boolean(),
})
export type Me = z.infer<typeof me>

export const session = z.object({
  id: id('session'),
  current: z.boolean(),
  userAgent: z.string().nullable(),
  address: z.string().nullable(),
  createdAt: timestamp,
  seenAt: timestamp,
  expiresAt: timestamp,
})
export type Session = z.infer<typeof session>

export const identityRoutes = {
  'GET /v1/setup': {
    summary: 'Does this installation still wait for its first owner?',
    scope: 'public',
    reply: z.object({ needed: z.boolean() }),
  },
  'POST /v1/setup': {
    summary: 'First run: create the tenant and its owner, and sign in',
    scope: 'public',
    body: z.object({
      tenant: z.string().trim().min(1).max(120),
      name: z.string().trim().min(1).max(120),
      email,
      password,
    }),
    reply: me,
    status: 201,
    problems: ['conflict'],
  },
  'POST /v1/session': {
    summary: 'Sign in with e-mail and password',
    scope: 'public',
    body: z.object({ email, password: z.string().max(256), tenant: z.string().max(64).optional() }),
    reply: me,
    status: 201,
    problems: ['bad_credentials', 'too_many_requests'],
  },
  'POST /v1/session/link': {
    summary: 'Sign in with a one-time link',
    scope: 'public',
    body: z.object({ token: z.string().min(1).max(200) }),
    reply: me,
    status: 201,
    problems: ['link_used'],
  },
  'DELETE /v1/session': { summary: 'Sign out', scope: 'member', reply: empty, status: 204 },
  'GET /v1/me': { summary: 'Who am I, where, and what may I do?', scope: 'member', reply: me },
  'PUT /v1/me/password': {
    summary: 'Set or change my password; ends my other sessions',
    scope: 'member',
    body: z.object({ current: z.string().max(256).optional(), password }),
    reply: empty,
    status: 204,
    problems: ['too_many_requests', 'conflict'],
  },
  'GET /v1/sessions': {
    summary: 'List my sessions',
    scope: 'member',
    query: pageQuery,
    reply: pageOf(session),
  },
  'DELETE /v1/sessions/:session': { summary: 'End one of my sessions', scope: 'member', reply: empty, status: 204 },
} as const satisfies Record<string, Route>

const how = z.enum(['password', 'link', 'setup'])
export const signedIn = eventType('signed_in', 1, z.object({ session: z.string(), how }))
export const signedOut = eventType('signed_out', 1, z.object({ session: z.string() }))
export const signInRefused = eventType('sign_in_refused', 1, z.object({ reason: z.string() }))
export const passwordSet = eventType('password_set', 1, z.object({}))
export const linkMade = eventType('link_made', 1, z.object({ user: z.string(), expiresAt: timestamp }))
