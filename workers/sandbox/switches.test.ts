import { afterAll, beforeEach, expect, test } from 'vitest'
import { openSandbox } from './fixture.ts'

const sandbox = await openSandbox()
const { call, crm } = sandbox
afterAll(() => sandbox[Symbol.asyncDispose]())
beforeEach(() => call('POST', '/control/reset', {}))

const turn = (patch: object) => call('PATCH', '/control/systems/crm', patch)
const create = () => crm('POST', '/crm/v3/objects/deals', { properties: { dealname: 'x', auterity_lead_id: 'AW-1' } })
const deals = async () => (await call('GET', '/truth')).body.deals

test('a fault before the write answers 500 and leaves nothing', async () => {
  await turn({ errorRate: 1 })
  const answer = await create()
  expect([answer.status, answer.body.status]).toEqual([500, 'error'])
  expect(await deals()).toEqual([])
})

test('a fault after the write loses the answer, not the write', async () => {
  await turn({ errorRate: 1, fault: 'after' })
  await expect(create()).rejects.toThrow(TypeError)
  expect(await deals()).toMatchObject([{ lead: 'AW-1' }])
})

test('an outage refuses or cuts, is counted, touches only its system, and ends', async () => {
  await turn({ outage: 'unavailable' })
  expect((await create()).status).toBe(503)
  await turn({ outage: 'cut' })
  await expect(create()).rejects.toThrow(TypeError)
  expect((await call('GET', '/openai/v1/models')).status).toBe(401)
  expect((await call('GET', '/control')).body.systems.crm).toMatchObject({ requests: 2, errors: 2 })
  await turn({ outage: 'none' })
  expect((await create()).status).toBe(201)
})

test('an error rate fails a share of the requests, the same ones in every run', async () => {
  const run = async () => {
    await call('POST', '/control/reset', {})
    await turn({ errorRate: 0.5 })
    const statuses: number[] = []
    for (let at = 0; at < 20; at += 1) statuses.push((await create()).status)
    return statuses
  }
  const first = await run()
  expect(new Set(first)).toEqual(new Set([201, 500]))
  expect(await run()).toEqual(first)
})

test('switches out of range and requests that are not JSON are refused', async () => {
  expect((await turn({ errorRate: 2 })).status).toBe(400)
  expect((await call('PATCH', '/control/systems/fax', {})).status).toBe(404)
  expect((await call('POST', '/control/reset', 'x', { 'content-type': 'text/plain' })).status).toBe(415)
  expect((await call('POST', '/control/leads', {})).status).toBe(409)
})
