import OpenAI, { toFile } from 'openai'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { withTenant } from '#activities/database.ts'
import { createVirtualKey } from '#activities/gateway/store-keys.ts'
import { addProvider } from '#activities/gateway/store-providers.ts'
import { addRoute } from '#activities/gateway/store-routes.ts'
import { createSeal } from '#activities/seal.ts'
import { testKey } from './harness/database.ts'
import { startPlatform, type Platform } from './harness/platform.ts'
import { startUpstream, well, type Behaviour, type TestUpstream } from './harness/upstream.ts'
import { enough } from './harness/many-leads.ts'
import { until } from './harness/until.ts'

/** A provider that does once what comes under one key, and holds its answers while it is told to. */
const paid = new Map<string, number>()
let held: (() => void)[] | null = null
const once: Behaviour = (response, asked) => {
  const key = String(asked.headers['idempotency-key'])
  paid.set(key, (paid.get(key) ?? 0) + 1)
  const answer = () => well(response, asked)
  if (held !== null && paid.size > 20) held.push(answer)
  else answer()
}

let platform: Platform
let upstream: TestUpstream
let client: OpenAI
beforeAll(async () => {
  upstream = await startUpstream(once)
  platform = await startPlatform({ processes: ['api', 'worker'], env: { AUTERITY_OUTGOING_ALLOW: '127.0.0.1/32' } })
  const { ctx, database, url } = platform
  const { key } = await withTenant(database.db, ctx, async (tx) => {
    const given = { kind: 'openai', name: 'openai', baseUrl: upstream.url, apiKey: 'sk-gpt' } as const
    await addProvider(tx, ctx, createSeal([testKey]), given)
    const targets = [{ provider: 'openai', model: 'gpt-5-mini', weight: 1, priority: 0 }]
    await addRoute(tx, ctx, { alias: 'fast', targets })
    return createVirtualKey(tx, ctx, { name: 'Nightly', models: null, tags: {} })
  })
  client = new OpenAI({ apiKey: key, baseURL: `${url}/gateway/openai/v1`, maxRetries: 0 })
}, 120_000)
afterAll(async () => {
  await platform[Symbol.asyncDispose]()
  await upstream[Symbol.asyncDispose]()
})

const count = 50
const lines = Array.from({ length: count }, (_, n) =>
  JSON.stringify({
    custom_id: `car-${n}`,
    method: 'POST',
    url: '/v1/chat/completions',
    body: { model: 'fast', messages: [{ role: 'user', content: `Describe car ${n}.` }] },
  }),
)

test(
  'a batch whose worker is killed goes on: each line is answered once, and what was answered is not asked again',
  async () => {
    const file = await client.files.create({
      purpose: 'batch',
      file: await toFile(Buffer.from(lines.join('\n')), 'cars.jsonl'),
    })
    held = []
    const made = await client.batches.create({
      input_file_id: file.id,
      endpoint: '/v1/chat/completions',
      completion_window: '24h',
    })
    await until('some lines are answered and some under way', () => Promise.resolve((held?.length ?? 0) >= 8), enough)
    const before = (await client.batches.retrieve(made.id)).request_counts?.completed ?? 0
    await platform.kill('worker')
    const answers = held
    held = null
    for (const answer of answers) answer()
    await platform.start('worker')
    await until(
      'the batch is through',
      async () => (await client.batches.retrieve(made.id)).status === 'completed',
      enough,
    )

    const batch = await client.batches.retrieve(made.id)
    expect(batch.request_counts).toEqual({ total: count, completed: count, failed: 0 })
    expect(batch.error_file_id).toBeNull()
    const output = await (await client.files.content(batch.output_file_id ?? '')).text()
    const told = output
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { custom_id: string }).custom_id)
    expect(told).toEqual(Array.from({ length: count }, (_, n) => `car-${n}`))
    // under one key each, by which a provider knows it again; only what was under way was asked twice
    expect(paid.size).toBe(count)
    const twice = [...paid.values()].filter((times) => times > 1)
    expect(before).toBeGreaterThanOrEqual(20)
    expect(twice.every((times) => times === 2)).toBe(true)
    expect(twice.length).toBeLessThanOrEqual(8)
    const { db } = platform.database
    const rows = () =>
      db.system.selectFrom('gateway_request').select(['outcome', 'cost_nano']).where('batch_id', '=', made.id).execute()
    await until(
      'all is written down',
      async () => (await rows()).filter(({ outcome }) => outcome === 'ok').length === count,
      enough,
    )
    expect((await rows()).filter(({ outcome }) => outcome !== 'ok').every(({ outcome }) => outcome === 'lost')).toBe(
      true,
    )
  },
  enough,
)
