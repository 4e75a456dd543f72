import { afterAll, beforeAll, expect, test } from 'vitest'
import { startSystem } from '#activities/connectors/fixture.ts'
import { readableHistory } from '#api/runs-history.ts'
import type { Definition } from '#schemas/automation/definition.ts'
import type { Run } from '#schemas/runs.ts'
import { connectTemporal } from '#temporal/client.ts'
import { readWholeHistory } from '#temporal/history.ts'
import { PayloadReader } from '#temporal/payloads.ts'
import { testKey } from './harness/database.ts'
import { install } from './harness/drawn.ts'
import { untilState } from './harness/lead.ts'
import { startPlatform, type Platform } from './harness/platform.ts'

let platform: Platform
beforeAll(async () => {
  platform = await startPlatform({ env: { AUTERITY_OUTGOING_ALLOW: '127.0.0.1/32', AUTERITY_LOG: 'debug' } })
})
afterAll(() => platform[Symbol.asyncDispose]())

/** All that a history says, decrypted, in one text. */
const told = async (run: string): Promise<string> => {
  const client = connectTemporal({
    address: platform.temporalAddress,
    namespace: platform.namespace,
    keys: [testKey],
  })
  try {
    return JSON.stringify(await readableHistory(new PayloadReader([testKey]), await readWholeHistory(client, run)))
  } finally {
    await client.connection.close()
  }
}

const asking = (url: string): Definition => ({
  format: 1,
  name: 'Ask for the price',
  nodes: [
    { id: 'start', kind: 'start' },
    { id: 'ask', kind: 'http', with: { method: 'GET', url, credential: 'prices' } },
    { id: 'end', kind: 'end', with: { output: { price: { cel: 'steps.ask.body.price' } } } },
  ],
  edges: [
    { from: 'start', to: 'ask' },
    { from: 'ask', to: 'end' },
  ],
})

test('a run calls with a credential, and its secret stands in no history, step, event or log', async () => {
  await using system = await startSystem({ status: 200, body: '{"you sent":"Bearer hush-hush-hush","price":31000}' })
  const made = await platform.post('/v1/credentials', {
    handle: 'prices',
    name: 'Prices',
    hosts: [new URL(system.url).host],
    secret: { kind: 'bearer', token: 'hush-hush-hush' },
  })
  expect(made.status).toBe(201)
  await install(platform.database.db, platform.ctx, asking(system.url), 'ask')
  const { body: run } = await platform.post<Run>('/v1/automations/ask/runs', { input: {} })
  expect(await untilState(platform, run.id, 'completed', 'failed')).toBe('completed')
  expect(system.asked[0]!.headers.authorization).toBe('Bearer hush-hush-hush')

  const history = await told(run.id)
  expect(history).toContain('31000')
  const seen = [
    history,
    JSON.stringify(await platform.get(`/v1/runs/${run.id}/canvas`)),
    JSON.stringify(await platform.get('/v1/events?limit=200')),
    await platform.said('worker'),
    await platform.said('api'),
    await platform.said('projector'),
  ]
  expect(seen.filter((text) => text.includes('hush'))).toEqual([])
})

test('a test run calls with the twin; without one it fails at that step, and the real secret is not sent', async () => {
  await using system = await startSystem({ status: 200, body: '{"price":1}' })
  const prices = { hosts: [new URL(system.url).host] }
  await platform.patch('/v1/credentials/prices', prices)
  const tried = async () => {
    const { body } = await platform.post<Run>('/v1/automations/ask/test', { definition: asking(system.url), input: {} })
    await untilState(platform, body.id, 'completed', 'failed')
    return (await platform.get<{ run: Run }>(`/v1/runs/${body.id}`)).run
  }
  expect(await tried()).toMatchObject({ state: 'failed', failure: { code: 'credential_missing' } })
  expect(system.asked).toEqual([])
  const secret = { kind: 'header', name: 'X-Try', value: 'try-try-try' }
  await platform.post('/v1/credentials/prices/rotate', { secret, of: 'sandbox' })
  expect(await tried()).toMatchObject({ state: 'completed' })
  expect(system.asked).toHaveLength(1)
  expect(system.asked[0]!.headers).toMatchObject({ 'x-try': 'try-try-try' })
  expect(system.asked[0]!.headers.authorization).toBeUndefined()
})
