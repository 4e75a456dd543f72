import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { usualRouting } from '#schemas/gateway/routing.ts'
import { targetOf } from '#schemas/gateway/routes.ts'
import type { Operation } from '#schemas/gateway/kinds/kind.ts'
import { noModels, type Caller, type Models } from '../store-known.ts'
import { readAsked } from './asked.ts'
import { cacheKeyOf, canonical } from './cache-key.ts'
import type { CachePolicy } from './cache-policy.ts'
import type { Way } from './steer.ts'
import { keyless } from './keyless.ts'

const caller = keyless('tnt_1', { key: 'vky_1', name: 'Desk' })
const policy: CachePolicy = {
  isSemantic: true,
  ttlMs: 1000,
  similarity: 0.9,
  known: noModels.cache,
  mostAgeMs: 1000,
  refreshes: false,
}
const provider = { name: 'gpt', kind: 'openai', baseUrl: 'http://a', enabled: true, shared: false, keys: [] } as const
const models = { ...noModels, providers: new Map([['gpt', provider]]) }
const way: Way = {
  steered: null,
  alias: 'fast',
  settings: null,
  caching: null,
  guardrails: null,
  refusal: null,
  route: { targets: [targetOf('gpt', 'gpt-5-mini')], routing: usualRouting },
}
const by = { policy: 'pol_1', number: 3, rule: 'no', label: 'pol_1@3/no' }
const steered = { by, held: [by.label], tags: {}, own: {} }

type Given = {
  operation?: Operation
  text?: string
  caller?: Caller
  policy?: CachePolicy
  way?: Way
  models?: Models
}
const keyOf = (body: object, given: Given = {}) => {
  const bytes = Buffer.from(given.text ?? JSON.stringify(body))
  const asked = readAsked(given.operation ?? 'chat', bytes)
  if ('why' in asked) throw new Error(asked.why)
  return cacheKeyOf({ ...asked, ...(given.way?.settings ? { settings: given.way.settings } : {}) }, given.way ?? way, {
    caller: given.caller ?? caller,
    models: given.models ?? models,
    policy: given.policy ?? policy,
  })
}
const user = (content: unknown) => [{ role: 'user', content }]
const plain = { model: 'fast', messages: user('How many Corollas?') }

test('members in any order, at any depth, have one key; any other value has another', () => {
  const shuffled = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(shuffled)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value)
        .toReversed()
        .map(([name, one]) => [name, shuffled(one)]),
    )
  }
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (one, two) => {
      expect(canonical(shuffled(one))).toBe(canonical(one))
      expect(JSON.parse(canonical(one))).toEqual(JSON.parse(JSON.stringify(one)))
      const isSame = canonical(one) === canonical(two)
      expect(isSame).toBe(canonical(JSON.parse(JSON.stringify(one))) === canonical(JSON.parse(JSON.stringify(two))))
    }),
    { seed: 11, numRuns: 300 },
  )
  expect(canonical(JSON.parse('{"a":{"__proto__":1}}'))).not.toBe(canonical({ a: {} }))
})

test.each<[string, Given]>([
  ['tenant', { caller: { ...caller, tenant: 'tnt_2' } }],
  ['key, where each has its own,', { policy: { ...policy, known: { ...policy.known, scope: 'key' } } }],
  ['emptying', { policy: { ...policy, known: { ...policy.known, epoch: 1 } } }],
  ['model that may answer', { way: { ...way, route: { ...way.route!, targets: [targetOf('gpt', 'gpt-5')] } } }],
  ['address of it', { models: { ...models, providers: new Map([['gpt', { ...provider, baseUrl: 'http://b' }]]) } }],
  ['version of the rule that decided', { way: { ...way, steered } }],
  ['parameter that a rule has set', { way: { ...way, settings: { maxTokens: 5 } } }],
])('another %s makes another key', (_, given) => {
  const key = keyOf(plain)!.key
  expect(key).toMatch(/^[\w-]{43}$/)
  expect(keyOf(plain, given)!.key).not.toBe(key)
})

test.each<[string, object]>([
  ['a temperature above 0', { temperature: 0.2 }],
  ['a tool that the provider runs', { tools: [{ type: 'web_search' }] }],
  ['a search of the web', { web_search_options: {} }],
  ['to be remembered', { store: true }],
  [
    'an image that is fetched',
    { messages: user([{ type: 'image_url', image_url: { url: 'https://a.example/a.png' } }]) },
  ],
  [
    'a sound that was said before',
    { messages: [{ role: 'assistant', content: 'Hm.', audio: { id: 'a' } }, ...user('So?')] },
  ],
  ['a file by its id', { messages: user([{ type: 'file', file: { file_id: 'file_1' } }]) }],
  ['a sound', { audio: { voice: 'alloy' } }],
  ['a number that JavaScript cannot tell from its neighbours', { seed: 12345678901234567n }],
])('what asks for %s is neither kept nor given', (_, more) => {
  const text = JSON.stringify({ ...plain, ...more }, (_key, value: unknown) =>
    typeof value === 'bigint' ? `big${value}` : value,
  )
  expect(keyOf({}, { text: text.replaceAll(/"big(\d+)"/g, '$1') })).toBeNull()
})

test.each<[string, object]>([
  ['a temperature of 0', { temperature: 0 }],
  ['a tool that the caller runs', { tools: [{ type: 'function', function: { name: 'price', parameters: {} } }] }],
  [
    'an image that is all there',
    { messages: user([{ type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } }]) },
  ],
  ['no remembering', { store: false }],
])('what asks for %s is', (_, more) => {
  expect(keyOf({ ...plain, ...more })).not.toBeNull()
})

test('a temperature above 0 is kept where it is so set, and where a rule takes it away', () => {
  const sampled = { ...policy, known: { ...policy.known, sampled: true } }
  expect(keyOf({ ...plain, temperature: 1 }, { policy: sampled })).not.toBeNull()
  expect(keyOf({ ...plain, temperature: 1 }, { way: { ...way, settings: { temperature: 0 } } })).not.toBeNull()
  expect(keyOf(plain, { way: { ...way, settings: { temperature: 0.5 } } })).toBeNull()
})

test.each([
  ['a member that comes twice', `{"model":"fast","messages":[{"role":"user","content":"a"}],"messages":[]}`],
  [
    'bytes that are no text',
    Buffer.from([
      ...Buffer.from('{"model":"fast","messages":[{"role":"user","content":"'),
      0xff,
      ...Buffer.from('"}]}'),
    ]),
  ],
  [
    'more depth than means anything',
    `{"model":"fast","messages":[{"role":"user","content":"a"}],"x":${'['.repeat(5000)}${']'.repeat(5000)}}`,
  ],
  ['more than a mebibyte', `{"model":"fast","messages":[{"role":"user","content":"${'a'.repeat(1_048_576)}"}]}`],
  ['what cannot be read', '{"model":"fast","messages":"none"}'],
])('%s has no key', (_, body) => {
  const asked = readAsked('chat', Buffer.from(body))
  if ('why' in asked) throw new Error(asked.why)
  expect(cacheKeyOf(asked, way, { caller, models, policy })).toBeNull()
})

test('a count of tokens is not kept; the same body at another operation is another request', () => {
  const body = { ...plain, max_tokens: 5 }
  expect(keyOf(body, { operation: 'count_tokens' })).toBeNull()
  expect(keyOf(body, { operation: 'messages' })!.key).not.toBe(keyOf(body)!.key)
})

const contextOf = (content: unknown, more: object = {}) =>
  keyOf({ model: 'fast', messages: [{ role: 'system', content: 'Be brief.' }, ...user(content)], ...more })!.similar

test('questions that are nearly the same share what they hang on, with the same numbers and all else the same', () => {
  const one = contextOf('How many Corollas of 2024?')
  expect(one).toMatchObject({ question: 'How many Corollas of 2024?' })
  expect(contextOf([{ type: 'text', text: 'The Corollas of 2024, how many?' }])!.context).toBe(one!.context)
  expect(contextOf('How many Corollas of 2023?')!.context).not.toBe(one!.context)
  expect(contextOf('How many Corollas of 2024?', { max_tokens: 5 })!.context).not.toBe(one!.context)
  const spoken = (input: string) => keyOf({ model: 'fast', input }, { operation: 'responses' })!.similar!
  expect(spoken('How many?').context).toBe(spoken('How many are there?').context)
})

test.each<[string, unknown, object]>([
  ['nothing', ' ', {}],
  ['a long text to work on', 'word '.repeat(1000), {}],
  ['an image', [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } }], {}],
  [
    'where tools are offered',
    'How many?',
    { tools: [{ type: 'function', function: { name: 'price', parameters: {} } }] },
  ],
])('%s is like no other question', (_, content, more) => {
  expect(contextOf(content, more)).toBeNull()
})

test.each<Operation>([
  'count_tokens',
  'moderations',
  'images',
  'image_edits',
  'image_variations',
  'speech',
  'transcriptions',
  'translations',
])('%s: no answer is given again', (operation) => {
  for (const body of [{ input: 'Good day' }, { prompt: 'A car' }, { messages: user('Good day') }])
    expect(keyOf({ model: 'fast', ...body }, { operation })).toBeNull()
})

test('a form has no key, whatever its fields say', () => {
  const read = readAsked('chat', Buffer.from(JSON.stringify(plain)))
  if ('why' in read) throw new Error(read.why)
  const form = { contentType: '', pieces: [], fields: new Map(), spans: new Map(), files: [], begin: 0, end: 0 }
  expect(cacheKeyOf(read, way, { caller, models, policy })).not.toBeNull()
  expect(cacheKeyOf({ ...read, form }, way, { caller, models, policy })).toBeNull()
})
