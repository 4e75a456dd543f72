import { z } from 'zod'
import { eventType } from '../audit.ts'
import { empty, pageOf, pageQuery, timestamp, type Route } from '../http.ts'
import { id } from '../ids.ts'
import { providerKind } from './kinds/index.ts'

export const providerName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{1,62}$/, 'is made of small letters, digits and -, a letter first')
  .meta({ description: 'What routes call it by; it stays.', example: 'openai' })

const baseUrl = z
  .string()
  .max(500)
  .regex(/^https?:\/\/[\x21-\x7e]+$/, 'is an address like https://api.openai.com/v1')
  .meta({
    description: 'Where it is reached, where that is not its usual address.',
    example: 'https://api.openai.com/v1',
  })

const apiKey = z
  .string()
  .min(1)
  .max(4000)
  .regex(/^[\x21-\x7e]+$/, 'takes visible characters of ASCII only')
  .meta({ description: 'Kept sealed, and never answered.', example: 'sk-proj-7Qw2' })

const label = z.string().trim().min(1).max(120).meta({ example: 'Team plan' })

/** One of the keys of a provider: requests take turns with those that are good. */
export const providerKey = z.object({
  id: id('providerKey'),
  label: z.string(),
  hint: z.string().meta({ description: 'Its last characters, to recognise it by.', example: '…7Qw2' }),
  createdAt: timestamp,
})

export const provider = z.object({
  id: id('provider'),
  kind: providerKind,
  name: z.string().meta({ example: 'openai' }),
  baseUrl: z.string().meta({ description: 'Where it is reached.', example: 'https://api.openai.com/v1' }),
  enabled: z.boolean(),
  keys: z.array(providerKey),
  routes: z.array(z.string()).meta({ description: 'The aliases of the routes that lead to it.' }),
  createdAt: timestamp,
})
export type Provider = z.infer<typeof provider>

const given = z.object({
  kind: providerKind,
  name: providerName,
  baseUrl: baseUrl.optional(),
  apiKey: apiKey.optional(),
})
export type GivenProvider = z.infer<typeof given>

/** What the forms and the provider book say of a kind of provider. */
export const providerKindFacts = z.object({
  kind: providerKind,
  title: z.string().meta({ example: 'OpenAI' }),
  about: z.string(),
  baseUrl: z.string().nullable().meta({ description: 'Where it is reached unless a provider says otherwise.' }),
  address: z.string().nullable().meta({
    description: 'How an address looks, where each provider has its own; `{names}` are to be filled in.',
    example: 'https://{resource}.openai.azure.com/openai/v1',
  }),
  key: z.enum(['needed', 'optional', 'none']),
  aboutKey: z.string().nullable().meta({ description: 'What a key is, where that is not plain.' }),
  operations: z.array(z.string()).meta({ description: 'What can be asked of it.', example: ['chat'] }),
})
export type ProviderKindFacts = z.infer<typeof providerKindFacts>

export const providerRoutes = {
  'GET /v1/gateway/kinds': {
    summary: 'The kinds of model providers, and what each wants',
    scope: 'gateway:read',
    reply: z.object({ items: z.array(providerKindFacts) }),
  },
  'GET /v1/gateway/providers': {
    summary: 'List the model providers, newest first; never their keys',
    scope: 'gateway:read',
    query: pageQuery,
    reply: pageOf(provider),
  },
  'POST /v1/gateway/providers': {
    summary: 'Add a model provider; its key is sealed and never answered',
    scope: 'gateway:write',
    body: given,
    reply: provider,
    status: 201,
    creates: true,
    problems: ['already_exists'],
  },
  'GET /v1/gateway/providers/:provider': {
    summary: 'A model provider, by id or name',
    scope: 'gateway:read',
    reply: provider,
  },
  'PATCH /v1/gateway/providers/:provider': {
    summary: 'Say where a provider is reached, or whether it is used at all',
    scope: 'gateway:write',
    body: z.object({ baseUrl: baseUrl.nullable().optional(), enabled: z.boolean().optional() }),
    reply: provider,
  },
  'DELETE /v1/gateway/providers/:provider': {
    summary: 'Forget a provider and its keys; refused while a route leads to it',
    scope: 'gateway:write',
    reply: empty,
    status: 204,
    problems: ['provider_in_use'],
  },
  'POST /v1/gateway/providers/:provider/keys': {
    summary: 'Give a provider one more key',
    scope: 'gateway:write',
    body: z.object({ apiKey, label: label.optional() }),
    reply: provider,
    status: 201,
    creates: true,
  },
  'DELETE /v1/gateway/providers/:provider/keys/:providerKey': {
    summary: 'Forget a key of a provider',
    scope: 'gateway:write',
    reply: provider,
  },
} as const satisfies Record<string, Route>

const facts = z.object({ name: z.string(), kind: providerKind, baseUrl: z.string() })
export const providerAdded = eventType('provider_added', 1, facts)
export const providerChanged = eventType('provider_changed', 1, facts.extend({ enabled: z.boolean() }))
export const providerDeleted = eventType('provider_deleted', 1, z.object({ name: z.string() }))
export const providerKeyAdded = eventType('provider_key_added', 1, z.object({ key: z.string(), label: z.string() }))
export const providerKeyEnded = eventType('provider_key_ended', 1, z.object({ key: z.string(), label: z.string() }))
