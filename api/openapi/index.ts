import type { Hono } from 'hono'
import { z } from 'zod'
import { errors } from '#schemas/errors.ts'
import { problem, type Route } from '#schemas/http.ts'
import { acceptance } from '#schemas/ingress.ts'
import { JsonLead } from '#schemas/leads/index.ts'
import { routes } from '#schemas/routes.ts'
import type { ApiDeps, ApiEnv } from './deps.ts'
import { docsPage } from './docs.ts'

type Json = Record<string, unknown>

const toSchema = (shape: z.ZodType, io: 'input' | 'output'): Json => {
  const { $schema: _, ...schema } = z.toJSONSchema(shape, {
    target: 'draft-2020-12',
    io,
    unrepresentable: 'any',
  }) as Json
  return schema
}

const jsonBody = (shape: z.ZodType, io: 'input' | 'output') => ({ 'application/json': { schema: toSchema(shape, io) } })

/** The refusals any route may answer; those of one route are in its summary's words and in the error table. */
const problems = (route: Route, hasParams: boolean): Json => {
  const codes = [
    ...(route.scope === 'public' ? [] : (['unauthenticated', 'forbidden'] as const)),
    ...(hasParams ? (['not_found'] as const) : []),
    ...(route.body === undefined ? [] : (['invalid', 'unsupported_media_type', 'too_large'] as const)),
    'bad_request' as const,
    'conflict' as const,
    'link_used' as const,
    'too_many_requests' as const,
    'connector_refused' as const,
    'unavailable' as const,
    'internal' as const,
  ]
  return Object.fromEntries(
    codes.map((code) => [
      String(errors[code].status),
      {
        description: errors[code].title,
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    ]),
  )
}

const operation = (key: string, route: Route): Json => {
  const [method = '', path = ''] = key.split(' ')
  const names = [...path.matchAll(/:(\w+)/g)].map((match) => match[1] as string)
  const query =
    route.query === undefined ? {} : ((toSchema(route.query, 'input')['properties'] ?? {}) as Record<string, Json>)
  const parameters = [
    ...names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
    ...Object.entries(query).map(([name, schema]) => ({ name, in: 'query', required: false, schema })),
    ...(route.creates === true
      ? [
          {
            name: 'Idempotency-Key',
            in: 'header',
            required: false,
            schema: { type: 'string', maxLength: 200, pattern: '^[!-~]+$' },
          },
        ]
      : []),
  ]
  const status = route.status ?? 200
  const reply = status === 204 ? {} : { content: jsonBody(route.reply, 'output') }
  return {
    operationId: `${method.toLowerCase()}${path.replaceAll(/[/:]+(\w)/g, (_, letter: string) => letter.toUpperCase()).replace('V1', '')}`,
    summary: route.summary,
    tags: [path.split('/')[2] ?? 'v1'],
    ...(route.scope === 'public' ? { security: [] } : {}),
    ...(route.scope === 'public' || route.scope === 'member' ? {} : { 'x-scope': route.scope }),
    parameters,
    ...(route.body === undefined
      ? {}
      : { requestBody: { required: !z.safeParse(route.body, {}).success, content: jsonBody(route.body, 'input') } }),
    responses: { [String(status)]: { description: 'Done.', ...reply }, ...problems(route, names.length > 0) },
  }
}

const hookOperation: Json = {
  operationId: 'postHook',
  summary: 'Deliver a lead, signed after Standard Webhooks 1.0; 202 means that it is committed',
  tags: ['hooks'],
  security: [],
  parameters: [
    ...['tenant', 'source'].map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
    ...['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => ({
      name,
      in: 'header',
      required: true,
      schema: { type: 'string' },
    })),
  ],
  requestBody: {
    required: true,
    content: {
      'application/json': { schema: toSchema(JsonLead, 'input') },
      'application/xml': { schema: { type: 'string', description: 'An ADF 1.0 document with one prospect.' } },
    },
  },
  responses: {
    '202': { description: 'Accepted; the receipt resolves for ever.', content: jsonBody(acceptance, 'output') },
    ...Object.fromEntries(
      (
        [
          'timestamp_invalid',
          'signature_invalid',
          'not_found',
          'body_conflict',
          'too_large',
          'lead_malformed',
          'unavailable',
          'internal',
        ] as const
      ).map((code) => [
        String(errors[code].status),
        {
          description: errors[code].title,
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      ]),
    ),
  },
}

/** The OpenAPI 3.1 document, derived from the contract. */
export function openapiDocument(url: string): Json {
  const paths: Record<string, Json> = { '/hooks/{tenant}/{source}': { post: hookOperation } }
  for (const [key, route] of Object.entries(routes as Record<string, Route>)) {
    const [method = '', path = ''] = key.split(' ')
    const address = path.replaceAll(/:(\w+)/g, '{$1}')
    paths[address] = { ...paths[address], [method.toLowerCase()]: operation(key, route) }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Auterity', version: '1', description: 'Durable work for dealerships.' },
    servers: [{ url }],
    security: [{ key: [] }, { session: [] }],
    paths,
    components: {
      schemas: { Problem: toSchema(problem, 'output') },
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'An API key, `aut_…`.' },
        session: { type: 'apiKey', in: 'cookie', name: 'auterity_session' },
      },
    },
  }
}

export function mountOpenapi(app: Hono<ApiEnv>, { url }: ApiDeps): void {
  let document: string | undefined
  app.get('/v1/openapi.json', (c) => {
    document ??= JSON.stringify(openapiDocument(url))
    return c.body(document, 200, { 'content-type': 'application/json' })
  })
  app.get('/docs', (c) => c.html(docsPage(openapiDocument(url))))
}
