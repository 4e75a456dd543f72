import { afterAll, beforeAll, expect, test } from 'vitest'
import { createApiKey } from '#activities/access/store.ts'
import { withTenant } from '#activities/database.ts'
import type { Approval } from '#schemas/approvals.ts'
import type { Event } from '#schemas/audit.ts'
import { sisterId } from '#schemas/ids.ts'
import type { Run } from '#schemas/runs.ts'
import type { ColleaguePatch, ColleagueState, ControlState, Deliveries, SendLeads } from '#schemas/sandbox.ts'
import { startPlatform, type Platform } from './harness/platform.ts'
import { until } from './harness/until.ts'

const name = 'Riley (demo colleague)'

let platform: Platform
beforeAll(async () => {
  platform = await startPlatform()
  const { key } = await withTenant(platform.database.db, platform.ctx, (tx) =>
    createApiKey(tx, platform.ctx, { name, scopes: ['approvals:read', 'approvals:decide'] }),
  )
  await control('PUT', '/trickle', { hook: platform.hook })
  await control('PUT', '/colleague', { api: { name, url: platform.url, key } })
})
afterAll(() => platform[Symbol.asyncDispose]())

/** Tells the sandbox what only `npm start` may tell it. */
const control = async <T>(method: string, path: string, body: object): Promise<T> => {
  const headers = { 'content-type': 'application/json' }
  const reply = await fetch(`${platform.sandboxUrl}/control${path}`, { method, headers, body: JSON.stringify(body) })
  if (!reply.ok) throw new Error(`the sandbox answered ${reply.status}: ${await reply.text()}`)
  return (await reply.json()) as T
}
const colleague = async (patch: ColleaguePatch): Promise<ColleagueState> => {
  const { apiKey, url } = platform
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' }
  const reply = await fetch(`${url}/v1/sandbox/colleague`, { method: 'PUT', headers, body: JSON.stringify(patch) })
  expect(reply.status).toBe(200)
  return (await reply.json()) as ColleagueState
}
const list = async (query: string) =>
  (await platform.get<{ items: Approval[] }>(`/v1/approvals?limit=200&${query}`)).items
const open = async () => (await list('state=open')).map((one) => one.approval).toSorted()

/** Leads that wait for a person, the first one longest; gives their approvals. */
const wait = async (order: Partial<SendLeads>, count: number): Promise<string[]> => {
  const approvals: string[] = []
  while (approvals.length < count) {
    const { deliveries } = await control<Deliveries>('POST', '/leads', order)
    const { receipt } = JSON.parse(deliveries[0]!.answer!) as { receipt: string }
    const run = sisterId('run', receipt)
    const asked = await until(`${run} asks`, async () => (await list('state=open')).find((one) => one.run === run))
    approvals.push(asked.approval)
  }
  return approvals
}

test('the demo colleague decides on the older replies to the trickle, leaves the newest and all others, and stops', async () => {
  const own = await wait({}, 1)
  const first = await wait({ trickle: true }, 4)
  expect(await colleague({ on: true, leaves: 2, afterSeconds: 0 })).toMatchObject({ on: true, name, approved: 0 })
  await until('the older two are decided', async () => (await open()).length === 3)
  expect(await open()).toEqual([...own, ...first.slice(2)].toSorted())

  const decided = (await list('')).filter((one) => one.state !== 'open')
  expect(decided.map((one) => one.approval).toSorted()).toEqual(first.slice(0, 2).toSorted())
  for (const { state, decidedBy, note } of decided) {
    expect(decidedBy).toEqual({ id: expect.stringMatching(/^key_/), name })
    expect(note === null).toBe(state === 'approved')
  }
  await until('their runs have ended', async () => {
    const { items } = await platform.get<{ items: Run[] }>('/v1/runs?state=completed')
    return decided.every(({ run }) => items.some((one) => one.id === run))
  })
  const { items: events } = await platform.get<{ items: Event[] }>('/v1/events?type=approval_decided')
  expect(events.map(({ actor }) => actor)).toEqual(decided.map(({ decidedBy }) => ({ kind: 'api_key', ...decidedBy })))

  await colleague({ on: false })
  const later = await wait({ trickle: true }, 4)
  expect(await open()).toEqual([...own, ...first.slice(2), ...later].toSorted())

  await platform.kill('sandbox')
  await platform.start('sandbox')
  const { colleague: back } = await platform.get<ControlState>('/v1/sandbox')
  expect(back).toMatchObject({ on: false, leaves: 2, name, trouble: null })
  expect(back.approved + back.rejected).toBe(2)
  await colleague({ on: true })
  await until('the older ones are decided after a restart too', async () => (await open()).length === 3)
  expect(await open()).toEqual([...own, ...later.slice(2)].toSorted())
})

test('a colleague whose key was revoked decides nothing and says why', async () => {
  const { items } = await platform.get<{ items: { id: string; name: string }[] }>('/v1/keys')
  const key = items.find((one) => one.name === name)!.id
  await fetch(`${platform.url}/v1/keys/${key}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${platform.apiKey}` },
  })
  const { colleague: away } = await until('it is told', async () => {
    const state = await platform.get<ControlState>('/v1/sandbox')
    return state.colleague.trouble !== null && state
  })
  expect(away.trouble).toBe('The API answered 401.')
})
