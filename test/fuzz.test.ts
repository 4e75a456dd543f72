import { createHmac } from 'node:crypto'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { openapiDocument } from '#api/openapi/index.ts'
import { newId } from '#schemas/ids.ts'
import { makeLead } from '#workers/sandbox/leads.ts'
import { hostileJson, hostileText, nearly, valid, type Schema } from './harness/arbitrary.ts'
import { signHook } from './harness/hooks.ts'
import { outOfReach } from './harness/out-of-reach.ts'
import { populate, type Populated } from './harness/populate.ts'

/** What failed is played again by the seed and path that fast-check prints: `FUZZ_SEED=… npm test -- fuzz`. */
const seed = Number(process.env['FUZZ_SEED'] ?? 4700)
const numRuns = Number(process.env['FUZZ_RUNS'] ?? 40)

type Content = Record<string, { schema: Schema }>
type Parameter = { name: string; in: 'path' | 'query' | 'header'; schema: Schema }
type Operation = {
  parameters: Parameter[]
  requestBody?: { content: Content }
  responses: Record<string, { content?: Content }>
}
const document = openapiDocument('http://localhost:4700') as {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Schema> }
}
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
)
const of = (method: string, path: string): Operation => document.paths[path]![method]!

let world: Populated
beforeAll(async () => {
  world = await populate()
})
afterAll(() => world[Symbol.asyncDispose]())

const often = <T>(usual: fc.Arbitrary<T>, odd: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 3, arbitrary: usual }, { weight: 1, arbitrary: odd })
/** As it may stand in a URL, of which `encodeURIComponent` takes no half characters; some of it not encoded right. */
const inUrl = (value: unknown): string => encodeURIComponent(String(value).toWellFormed())
const encoded = fc.oneof(
  hostileText.map(inUrl),
  fc.constantFrom('%', '%ff', '%e0%a4', '%2f', '%00', '.', '%2e%2e', '_'),
)
const knownId = (name: string): fc.Arbitrary<string> =>
  fc.nat(9).map((n) => inUrl(world.known[name]?.[n % world.known[name].length] ?? newId('run')))
const pathValue = (name: string) =>
  fc.oneof(
    knownId(name),
    fc.constantFrom('run', 'receipt', 'source', 'approval', 'user').map((kind) => newId(kind as 'run')),
    encoded,
  )
const queryOf = (parameters: Parameter[]): fc.Arbitrary<string> =>
  fc
    .array(
      fc.oneof(
        ...parameters.map(({ name, schema }) =>
          fc.oneof(valid(schema).map(inUrl), nearly(schema).map(inUrl), encoded).map((value) => `${name}=${value}`),
        ),
        encoded.map((name) => `${name}=1`),
      ),
      { maxLength: 4 },
    )
    .map((pairs) => pairs.join('&'))

/** A header as a client can send it: no line ends, no NUL, bytes only. */
const headerText = fc
  .oneof(hostileText, fc.string({ unit: 'binary', maxLength: 300 }))
  .map((one) => one.replaceAll(/[^\t\u0020-\u007e\u0080-\u00ff]/g, '?'))
const headersOf = (names: readonly string[]): fc.Arbitrary<Record<string, string>> =>
  fc.dictionary(fc.constantFrom(...names), headerText, { maxKeys: names.length, noNullPrototype: true })
const oddHeaders = headersOf([
  'idempotency-key',
  'x-request-id',
  'traceparent',
  'accept',
  'user-agent',
  'last-event-id',
  'forwarded',
])
const contentType = often<string>(
  fc.constant('application/json'),
  fc.oneof(
    headerText,
    fc.constantFrom('text/plain', 'application/json; charset=latin1', 'application/problem+json', ''),
  ),
)
const credentials = (): fc.Arbitrary<Record<string, string>> =>
  fc.oneof(
    { weight: 6, arbitrary: fc.constant('key').map(() => ({ authorization: world.authorization })) },
    { weight: 2, arbitrary: fc.constant('cookie').map(() => ({ cookie: world.cookie() })) },
    { weight: 1, arbitrary: headersOf(['authorization', 'cookie', 'origin', 'sec-fetch-site']) },
  )
const bodyOf = (schema: Schema): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 4, arbitrary: valid(schema).map((value) => JSON.stringify(value)) },
    { weight: 5, arbitrary: nearly(schema).map((value) => JSON.stringify(value)) },
    { weight: 1, arbitrary: hostileJson.map((value) => JSON.stringify(value)) },
    { weight: 1, arbitrary: hostileText },
    {
      weight: 1,
      arbitrary: fc.constantFrom('{', '[1,', '"\\ud800"', '\ufeff{}', '[['.repeat(50_000), `"${'x'.repeat(300_000)}"`),
    },
  )

const shapes = new Map<Schema, z.ZodType>()
const shapeOf = (schema: Schema): z.ZodType => {
  const ref = (schema as { $ref?: string }).$ref
  const target = ref === undefined ? schema : document.components.schemas[ref.split('/').at(-1)!]!
  const shape = shapes.get(target) ?? z.fromJSONSchema(target as Parameters<typeof z.fromJSONSchema>[0])
  shapes.set(target, shape)
  return shape
}

/** Operations that were answered as asked at least once: who is only ever refused proves little. */
const done = new Set<Operation>()

/** Whether an answer is one that the document says this operation gives; problems as RFC 9457 has them. */
const check = async (reply: Response, operation: Operation): Promise<void> => {
  const { responses } = operation
  const text = await reply.text()
  expect(reply.status, text).toBeLessThan(500)
  expect(Object.keys(responses), text).toContain(String(reply.status))
  const { content } = responses[reply.status]!
  if (content === undefined) {
    done.add(operation)
    return expect(text).toBe('')
  }
  const [type] = (reply.headers.get('content-type') ?? '').split(';')
  expect(Object.keys(content), text).toContain(type)
  if (reply.ok) done.add(operation)
  if (reply.status >= 400) expect(type).toBe('application/problem+json')
  if (type?.endsWith('json')) expect(shapeOf(content[type]!.schema).safeParse(JSON.parse(text)).error).toBeUndefined()
}

const assert = <T>(inputs: fc.Arbitrary<T>, property: (input: T) => Promise<void>, runs = numRuns) =>
  fc.assert(fc.asyncProperty(inputs, property), { seed, numRuns: runs })

/** The contract leaves the lead open; its shape is the one that the hooks take. */
const withLead: Schema = {
  type: 'object',
  properties: {
    input: {
      type: 'object',
      properties: { lead: of('post', '/hooks/{tenant}/{source}').requestBody!.content['application/json']!.schema },
      required: ['lead'],
    },
  },
  required: ['input'],
}
const ofTheContract = operations.filter(({ path }) => path !== '/hooks/{tenant}/{source}' && path !== '/v1/live')
describe.each(['on', 'off'] as const)('with the sandbox %s', (which) => {
  const theirs = which === 'on' ? ofTheContract.filter(({ path }) => path.startsWith('/v1/sandbox')) : ofTheContract
  test.each(theirs)(
    '$method $path answers whatever it is sent as its document says',
    async ({ method, path, operation }) => {
      const names = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!)
      const schema =
        method === 'POST' && path === '/v1/automations/{automation}/runs'
          ? withLead
          : operation.requestBody?.content['application/json']?.schema
      const asked = operation.parameters.filter((one) => one.in === 'query')
      const tame = fc.record({
        ids: fc.tuple(...names.map(knownId)),
        query: fc.constant(''),
        headers: fc.constant({}),
        as: fc.boolean().map((key) => (key ? { authorization: world.authorization } : { cookie: world.cookie() })),
        type: fc.constant('application/json'),
        body: schema === undefined ? fc.constant(undefined) : valid(schema).map((value) => JSON.stringify(value)),
      })
      const wild = fc.record({
        ids: fc.tuple(...names.map(pathValue)),
        query: queryOf(asked),
        headers: oddHeaders,
        as: credentials(),
        type: contentType,
        body: schema === undefined ? fc.constant(undefined) : bodyOf(schema),
      })
      const inputs = fc.oneof({ weight: 1, arbitrary: tame }, { weight: 2, arbitrary: wild })
      await world.refresh()
      await assert(inputs, async ({ ids, query, headers, as, type, body }) => {
        const url = `${path.replaceAll(/\{\w+\}/g, () => ids.shift() || '_')}?${query}`
        const init = { method, headers: { ...headers, 'content-type': type, ...as } }
        await check(await world.apps[which].request(url, body === undefined ? init : { ...init, body }), operation)
      })
    },
  )
})

describe('the hooks door', () => {
  const operation = of('post', '/hooks/{tenant}/{source}')
  const xml = fc
    .tuple(fc.integer({ max: 1e6, min: 0 }), fc.nat(4000), fc.nat(40), hostileText)
    .map(([serial, at, cut, put]) => {
      const whole = makeLead(`fuzz-${serial}`).xml
      return whole.slice(0, at) + put + whole.slice(at + cut)
    })
  const bytes = fc.oneof(
    bodyOf(operation.requestBody!.content['application/json']!.schema).map((text) => Buffer.from(text)),
    xml.map((text) => Buffer.from(text)),
    xml.map((text) => Buffer.from(text, 'utf16le')),
    fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array)),
  )
  const types = fc.oneof(fc.constantFrom('application/json', 'application/xml', 'text/xml; charset=utf-16'), headerText)
  const id = often(fc.uuid(), headerText)

  test('takes or refuses what is rightly signed, whatever it is', () =>
    assert(
      fc.record({ bytes, type: types, id }),
      async ({ bytes: body, type, id: webhook }) => {
        const at = String(Math.floor(Date.now() / 1000))
        const key = Buffer.from(world.secret.slice('whsec_'.length), 'base64')
        const signed = createHmac('sha256', key).update(`${webhook.trim()}.${at}.`).update(body).digest('base64')
        const headers = {
          'content-type': type,
          'webhook-id': webhook,
          'webhook-timestamp': at,
          'webhook-signature': `v1,${signed}`,
        }
        await check(
          await world.apps.off.request(`/hooks/${world.slug}/website`, { method: 'POST', headers, body }),
          operation,
        )
      },
      numRuns * 10,
    ))

  test('refuses what is not rightly signed, or goes to no door, whatever it is', () =>
    assert(
      fc.record({
        place: fc.oneof(
          fc.constant('').map(() => `${world.slug}/website`),
          fc.tuple(encoded, encoded).map((two) => two.map((one) => one || '_').join('/')),
        ),
        headers: headersOf(['content-type', 'content-length', 'webhook-id', 'webhook-timestamp', 'webhook-signature']),
        good: fc.boolean(),
        bytes,
      }),
      async ({ place, headers, good, bytes: body }) => {
        const right = good ? signHook(world.secret, 'msg_fuzz', 'another body') : {}
        const reply = await world.apps.off.request(`/hooks/${place}`, {
          method: 'POST',
          headers: { ...right, ...headers },
          body,
        })
        expect(reply.status).toBeGreaterThanOrEqual(400)
        await check(reply, operation)
      },
      numRuns * 5,
    ))
})

test('the live feed opens for topics there are, and refuses others as its document says', async () => {
  await world.refresh()
  await assert(
    fc.record({
      topics: fc.array(
        fc.oneof(
          fc.constantFrom('runs', 'approvals', 'system', 'overview', 'receipts'),
          pathValue('run').map((one) => `run:${one}`),
          encoded,
        ),
        { maxLength: 25 },
      ),
      headers: oddHeaders,
      as: credentials(),
    }),
    async ({ topics, headers, as }) => {
      const cut = new AbortController()
      const url = `/v1/live?${topics.map((topic) => `topic=${topic}`).join('&')}`
      const reply = await world.apps.off.request(url, { headers: { ...headers, ...as }, signal: cut.signal })
      if (reply.status !== 200) return check(reply, of('get', '/v1/live'))
      done.add(of('get', '/v1/live'))
      expect(reply.headers.get('content-type')).toMatch(/^text\/event-stream/)
      await reply.body?.cancel()
      cut.abort()
    },
  )
})

test('every other operation was also answered as asked, so that its answer was looked at', () => {
  const refused = operations
    .filter(({ operation }) => !done.has(operation))
    .map(({ method, path }) => `${method} ${path}`)
  expect(refused.filter((one) => outOfReach[one] === undefined)).toEqual([])
})
