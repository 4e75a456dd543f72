import type { Hono } from 'hono'
import { z } from 'zod'
import { errors, type ErrorCode } from '#schemas/errors.ts'
import { problem, type Route } from '#schemas/http.ts'
import { acceptance } from '#schemas/ingress.ts'
import { mostTopics, topic } from '#schemas/live.ts'
import { JsonLead } from '#schemas/leads/index.ts'
import { routes } from '#schemas/routes.ts'
import type { ApiDeps, ApiEnv } from '../deps.ts'
import { exampleOf } from './example.ts'
import { docsPage } from './page.ts'

type Json = Record<string, unknown>

/** A reference inside of one schema would point nowhere in the whole document, so what is referred to is put in place. */
const inlined = (value: unknown, defs: Json): unknown => {
  if (Array.isArray(value)) return value.map((one) => inlined(one, defs))
  if (typeof value !== 'object' || value === null) return value
  const { $ref, ...rest } = value as Json
  const target = typeof $ref === 'string' ? defs[$ref.replace('#/$defs/', '')] : undefined
  const whole = target === undefined ? value : { ...(target as Json), ...rest }
  return Object.fromEntries(Object.entries(whole).map(([name, part]) => [name, inlined(part, defs)]))
}

const toSchema = (shape: z.ZodType, io: 'input' | 'output'): Json => {
  const {
    $schema: _,
    $defs = {},
    ...schema
  } = z.toJSONSchema(shape, { target: 'draft-2020-12', io, unrepresentable: 'any' }) as Json
  return inlined(schema, $defs as Json) as Json
}

const jsonBody = (shape: z.ZodType, io: 'input' | 'output') => {
  const schema = toSchema(shape, io)
  return { 'application/json': { schema, example: exampleOf(schema) } }
}

/** One answer for each status, naming all codes that it may carry. */
const problemAnswers = (codes: readonly ErrorCode[]): Json =>
  Object.fromEntries(
    [...Map.groupBy(new Set(codes), (code) => errors[code].status)].map(([status, theirs]) => [
      String(status),
      {
        description: theirs.map((code) => `\`${code}\`: ${errors[code].title}`).join(' '),
        content: {
          'application/problem+json': {
            schema: { $ref: '#/components/schemas/Problem' },
            example: {
              type: `https://auterity.dev/problems/${theirs[0]}`,
              title: errors[theirs[0] as ErrorCode].title,
              status,
              code: theirs[0],
              requestId: 'req_01jd2x7m4hf8q9v0w3k5n6p7rs',
            },
          },
        },
      },
    ]),
  )

/** What a route may refuse: what follows from its scope, parameters and body, and what is its own. */
const problemsOf = (route: Route, { method, hasParams }: { method: string; hasParams: boolean }): ErrorCode[] => [
  'bad_request',
  ...(route.scope === 'public' ? [] : (['unauthenticated', 'forbidden'] as const)),
  ...(method === 'GET' ? [] : (['bad_origin'] as const)),
  ...(hasParams ? (['not_found'] as const) : []),
  ...(route.body === undefined ? [] : (['unsupported_media_type', 'too_large', 'invalid'] as const)),
  ...(route.creates === true ? (['conflict', 'idempotency_mismatch'] as const) : []),
  ...(route.problems ?? []),
  'internal',
  'unavailable',
]

const asEvents = {
  'text/event-stream': {
    schema: { type: 'string', description: 'The same piece by piece, where the body says `stream`.' },
    example: 'data: {"choices":[{"index":0,"delta":{"content":"Two"}}]}\n\ndata: [DONE]\n\n',
  },
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
  const content = status === 204 ? undefined : jsonBody(route.reply, 'output')
  const reply = content === undefined ? {} : { content: route.streams === true ? { ...content, ...asEvents } : content }
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
    responses: {
      [String(status)]: { description: 'Done.', ...reply },
      ...problemAnswers(problemsOf(route, { method, hasParams: names.length > 0 })),
    },
  }
}

const adfExample = `<?xml version="1.0"?><adf><prospect><id source="AutoFinder">AF-204871</id>
<requestdate>2026-11-21T08:47:50-05:00</requestdate>
<vehicle interest="buy" status="used"><year>2021</year><make>Honda</make><model>Accord</model></vehicle>
<customer><contact><name part="full">Jane Doe</name><email>jane.doe@example.com</email></contact></customer>
<vendor><vendorname>Lakeside Motors</vendorname></vendor></prospect></adf>`

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
      ...jsonBody(JsonLead, 'input'),
      'application/xml': {
        schema: { type: 'string', description: 'An ADF 1.0 document with one prospect.' },
        example: adfExample,
      },
    },
  },
  responses: {
    '202': { description: 'Accepted; the receipt resolves for ever.', content: jsonBody(acceptance, 'output') },
    ...problemAnswers([
      'timestamp_invalid',
      'signature_missing',
      'signature_invalid',
      'not_found',
      'body_conflict',
      'too_large',
      'lead_malformed',
      'unavailable',
      'internal',
    ]),
  },
}

const liveOperation: Json = {
  operationId: 'getLive',
  summary: 'The live feed: Server-Sent Events of one or more topics',
  description:
    'Each topic begins with a `snapshot`, or after a reconnect with `Last-Event-ID` with what changed meanwhile, and ' +
    'goes on with `delta`s, which upsert by id; a `tick` every two seconds proves that the line is open.',
  tags: ['live'],
  parameters: [
    {
      name: 'topic',
      in: 'query',
      required: true,
      schema: { type: 'array', items: toSchema(topic, 'input'), minItems: 1, maxItems: mostTopics },
    },
    { name: 'Last-Event-ID', in: 'header', required: false, schema: { type: 'string', pattern: '^[0-9]{1,20}$' } },
  ],
  responses: {
    '200': {
      description: 'A line that stays open.',
      content: {
        'text/event-stream': {
          schema: { type: 'string' },
          example: 'event: snapshot\ndata: {"topic":"runs","cursor":"4711","rows":[]}\nid: 4711\n\n',
        },
      },
    },
    ...problemAnswers(['bad_request', 'unauthenticated', 'forbidden', 'not_found', 'unavailable', 'internal']),
  },
}

/** The OpenAPI 3.1 document, derived from the contract. */
export function openapiDocument(url: string): Json {
  const paths: Record<string, Json> = {
    '/hooks/{tenant}/{source}': { post: hookOperation },
    '/v1/live': { get: liveOperation },
  }
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

/** The page has one style sheet of its own and nothing else. */
const docsPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

export function mountOpenapi(app: Hono<ApiEnv>, { url }: ApiDeps): void {
  let document: string | undefined
  app.get('/v1/openapi.json', (c) => {
    document ??= JSON.stringify(openapiDocument(url))
    return c.body(document, 200, { 'content-type': 'application/json' })
  })
  app.get('/docs', (c) => {
    c.header('Content-Security-Policy', docsPolicy)
    return c.html(docsPage(openapiDocument(url)))
  })
}
