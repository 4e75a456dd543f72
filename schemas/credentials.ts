import { z } from 'zod'
import { eventType } from './audit.ts'
import { mayReach } from './credentials-hosts.ts'
import { empty, pageOf, pageQuery, timestamp, type Route } from './http.ts'
import { id } from './ids.ts'

export const credentialKinds = ['bearer', 'basic', 'header', 'query', 'oauth_client'] as const
export const credentialKind = z.enum(credentialKinds)
export type CredentialKind = z.infer<typeof credentialKind>

/** Which of the two secrets of a credential: the real one, or its twin that test runs use. */
export const purposes = ['live', 'sandbox'] as const
export const purpose = z.enum(purposes)
export type Purpose = z.infer<typeof purpose>

const secretText = z
  .string()
  .min(1)
  .max(4000)
  .regex(/^[\x20-\x7e]+$/, 'takes visible characters of ASCII only')
  .meta({ description: 'Kept sealed, and never answered.', example: 'k-7Qw2-north' })
const name = z.string().trim().min(1).max(120).meta({ example: 'Price list' })
const tokenName = z
  .string()
  .regex(/^[A-Za-z0-9][\w.-]{0,99}$/, 'is made of letters, digits, -, _ and .')
  .meta({ example: 'X-Api-Key' })

export const credentialHandle = z
  .string()
  .regex(/^[a-z][a-z0-9-]{1,62}$/, 'is made of small letters, digits and -, a letter first')
  .meta({ description: 'What automations call it by; it stays.', example: 'price-list' })

export const credentialHost = z
  .string()
  .max(253)
  .regex(
    /^(\[[0-9a-f:.]{2,45}\]|[a-z0-9]([a-z0-9.-]{0,250}[a-z0-9])?)(:[1-9][0-9]{0,4})?$/,
    'is a host like api.example.com, with its port where that is not 443',
  )
  .meta({ example: 'api.example.com' })

const hosts = z
  .array(credentialHost)
  .min(1, 'name at least one')
  .max(20)
  .meta({ description: 'It is sent to these and to no other, after redirects too.' })

const secrets = {
  bearer: z.object({ kind: z.literal('bearer'), token: secretText }),
  basic: z.object({ kind: z.literal('basic'), user: z.string().min(1).max(200), password: secretText }),
  header: z.object({ kind: z.literal('header'), name: tokenName, value: secretText }),
  query: z.object({ kind: z.literal('query'), name: tokenName, value: secretText }),
  oauth_client: z.object({
    kind: z.literal('oauth_client'),
    tokenUrl: z
      .url({ protocol: /^https?$/, hostname: /./ })
      .max(500)
      .meta({ example: 'https://id.example.com/token' }),
    clientId: z.string().min(1).max(300),
    clientSecret: secretText,
    scope: z.string().max(500).optional(),
    sendAs: z
      .enum(['header', 'body'])
      .default('header')
      .meta({ description: 'How it names itself to the token address (RFC 6749, 2.3.1).' }),
  }),
} as const satisfies Record<CredentialKind, z.ZodObject>

/** A secret as it is given, and as it stands in its sealed box. */
export const secret = z.discriminatedUnion('kind', [
  secrets.bearer,
  secrets.basic,
  secrets.header,
  secrets.query,
  secrets.oauth_client,
])
export type Secret = z.infer<typeof secret>
export type GivenSecret = z.input<typeof secret>

const hidden = new Set(['kind', 'token', 'password', 'value', 'clientSecret'])
/** What of a secret anybody who sees the credential may see: names and addresses. */
export const openPartOf = (given: Secret): Record<string, string> =>
  Object.fromEntries(
    Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined && !hidden.has(entry[0])),
  )

/** Whether a token address is one that a client secret may be sent to: by https, or to a host that is named. */
export const isSafe = (given: GivenSecret, to: readonly string[]): boolean => {
  if (given.kind !== 'oauth_client') return true
  const url = URL.parse(given.tokenUrl)
  return url?.protocol === 'https:' || (url !== null && mayReach(to, url))
}

const part = z.object({
  kind: credentialKind,
  open: z
    .record(z.string(), z.string())
    .meta({ description: 'What of it may be seen: a user, a name, a token address.', example: { user: 'dealer-7' } }),
  setAt: timestamp,
})

export const credential = z.object({
  id: id('credential'),
  handle: z.string().meta({ example: 'price-list' }),
  name,
  hosts: z.array(z.string()),
  live: part,
  sandbox: part.nullable().meta({ description: 'The twin that test runs use; without it they are refused.' }),
  usedBy: z
    .array(z.object({ id: id('automation'), handle: z.string(), name: z.string() }))
    .meta({ description: 'Published automations that name it.' }),
  lastUsedAt: timestamp.nullable(),
  createdAt: timestamp,
})
export type Credential = z.infer<typeof credential>

export const checked = z.object({
  outcome: z.enum(['accepted', 'refused', 'unreachable']).meta({
    description: 'Refused: 401 or 403, or no token was given. Unreachable: no answer came.',
  }),
  status: z.number().int().nullable(),
  said: z.string(),
})
export type Checked = z.infer<typeof checked>

const unsafe = {
  message: 'Give a token address with https, or name its host with the port.',
  path: ['secret', 'tokenUrl'],
}

export const credentialRoutes = {
  'GET /v1/credentials': {
    summary: 'List credentials, newest first; never their secrets',
    scope: 'credentials:read',
    query: pageQuery,
    reply: pageOf(credential),
  },
  'POST /v1/credentials': {
    summary: 'Add a credential; its secret is sealed and never answered',
    scope: 'credentials:write',
    body: z
      .object({ handle: credentialHandle, name, hosts, secret, sandbox: secret.optional() })
      .refine((given) => isSafe(given.secret, given.hosts), unsafe)
      .refine((given) => given.sandbox === undefined || isSafe(given.sandbox, given.hosts), {
        ...unsafe,
        path: ['sandbox', 'tokenUrl'],
      }),
    reply: credential,
    status: 201,
    creates: true,
    problems: ['already_exists'],
  },
  'GET /v1/credentials/:credential': {
    summary: 'A credential, by id or handle',
    scope: 'credentials:read',
    reply: credential,
  },
  'PATCH /v1/credentials/:credential': {
    summary: 'Name it anew, say where it may go, or take its sandbox twin away',
    scope: 'credentials:write',
    body: z.object({ name: name.optional(), hosts: hosts.optional(), sandbox: z.null().optional() }),
    reply: credential,
  },
  'DELETE /v1/credentials/:credential': {
    summary: 'Forget a credential and its secrets; refused while a published automation names it',
    scope: 'credentials:write',
    reply: empty,
    status: 204,
    problems: ['credential_in_use'],
  },
  'POST /v1/credentials/:credential/rotate': {
    summary: 'Give it a new secret, real or for test runs; the old one is forgotten',
    scope: 'credentials:write',
    body: z.object({ secret, of: purpose.default('live') }),
    reply: credential,
  },
  'POST /v1/credentials/:credential/check': {
    summary: 'Make one GET request with it and tell how it was answered',
    scope: 'credentials:write',
    body: z.object({
      url: z
        .string()
        .max(2000)
        .regex(/^https?:\/\/[\x21-\x7e]+$/, 'is an address like https://api.example.com/cars')
        .meta({ description: 'On one of its hosts.', example: 'https://api.example.com/cars' }),
      of: purpose.default('live'),
    }),
    reply: checked,
    problems: ['credential_missing', 'credential_refused'],
  },
} as const satisfies Record<string, Route>

const facts = z.object({ handle: z.string(), name: z.string(), hosts: z.array(z.string()) })
export const credentialAdded = eventType(
  'credential_added',
  1,
  facts.extend({ kind: credentialKind, sandbox: z.boolean() }),
)
export const credentialChanged = eventType('credential_changed', 1, facts)
export const credentialRotated = eventType(
  'credential_rotated',
  1,
  z.object({ handle: z.string(), of: purpose, kind: credentialKind }),
)
/** Its twin for test runs was taken away. */
export const credentialTwinEnded = eventType('credential_twin_ended', 1, z.object({ handle: z.string() }))
export const credentialDeleted = eventType('credential_deleted', 1, z.object({ handle: z.string() }))
