import { expect, test } from 'vitest'
import { withSystem, withTenant } from '#activities/database.ts'
import { createBodies, forgetBodies } from '#activities/gateway/store-bodies.ts'
import { createVirtualKey } from '#activities/gateway/store-keys.ts'
import { writeRequests } from '#activities/gateway/store-requests.ts'
import { createSeal } from '#activities/seal.ts'
import { usualRecording } from '#schemas/gateway/recording.ts'
import { newId } from '#schemas/ids.ts'
import type { Context } from '#schemas/tenancy.ts'
import { accounted } from '#test/harness/accounted.ts'
import { testKey } from '#test/harness/database.ts'
import { ownApi } from '#test/harness/own-api.ts'
import { withKey } from '#test/harness/people.ts'
import { recorded } from '#test/harness/recording.ts'

const day = 86_400_000
const api = ownApi()
const { send } = api

const someone = async (at?: Context) => {
  const { authorization, ctx } = await withKey(api.db, undefined, at)
  return { ctx, ask: (route: string, body?: unknown) => send(route, body, { authorization }) }
}
/** A request of a tenant with its bodies, so many days ago. */
const record = async ({ tenant }: Context, daysAgo = 0, days = 7) => {
  const id = newId('modelRequest')
  const at = Date.now() - daysAgo * day
  await writeRequests(api.db, [{ ...accounted, id, tenant, at, recorded: days }])
  await createBodies(api.db, createSeal([testKey]))([recorded({ id, tenant, at, days })])
  return `/v1/gateway/requests/${id}`
}
const forget = (at = new Date(), limit = 100) => withSystem(api.db, (tx) => forgetBodies(tx, at, limit))

test('nothing is recorded until somebody says so, which is in the audit log; no other tenant sees it', async () => {
  const [{ ask }, other] = [await someone(), await someone()]
  const nothing = { ...usualRecording, changedAt: null, requests: 0, bytes: 0 }
  expect((await ask('GET /v1/gateway/recording')).body).toEqual(nothing)
  const changed = await ask('PATCH /v1/gateway/recording', { of: 'everything', days: 30 })
  expect(changed.body).toEqual({ ...nothing, of: 'everything', days: 30, changedAt: expect.any(String) as string })
  const [event] = (await ask('GET /v1/events')).body.items as { type: string; data: object }[]
  const { keys, tags } = usualRecording
  expect(event).toMatchObject({ type: 'recording_changed', data: { of: 'everything', keys, tags, days: 30 } })
  expect((await other.ask('GET /v1/gateway/recording')).body).toEqual(nothing)
})

test.each([
  [{ of: 'all' }, '/body/of'],
  [{ days: 0 }, '/body/days'],
  [{ days: 366 }, '/body/days'],
  [{ tags: ['=x'] }, '/body/tags/0'],
  [{ tags: Array.from({ length: 101 }, (_, n) => `t${n}`) }, '/body/tags'],
  [{ keys: [newId('virtualKey')] }, '/body/keys/0'],
])('%j is refused, and changes nothing', async (given, path) => {
  const { ask } = await someone()
  const refused = await ask('PATCH /v1/gateway/recording', { of: 'everything', ...given })
  expect(refused).toMatchObject({ status: 422, body: { issues: [{ path }] } })
  expect((await ask('GET /v1/gateway/recording')).body).toMatchObject({ of: 'nothing', changedAt: null })
})

test('a key of another tenant is no key', async () => {
  const [{ ask, ctx }, other] = [await someone(), await someone()]
  const keyOf = (at: Context) =>
    withTenant(api.db, at, (tx) => createVirtualKey(tx, at, { name: 'Desk', models: null, tags: {} }))
  const [ours, theirs] = [await keyOf(ctx), await keyOf(other.ctx)]
  const refused = await ask('PATCH /v1/gateway/recording', { of: 'some', keys: [ours.id, theirs.id] })
  expect(refused).toMatchObject({ status: 422, body: { issues: [{ path: '/body/keys/1' }] } })
  expect((await ask('PATCH /v1/gateway/recording', { of: 'some', keys: [ours.id] })).body.keys).toEqual([ours.id])
})

test('who reads bodies is in the audit log each time; who only sees requests, or another tenant, reads none', async () => {
  const { ask, ctx } = await someone()
  await ask('PATCH /v1/gateway/recording', { of: 'everything' })
  const at = await record(ctx)
  const { body: request } = await ask(`GET ${at}`)
  expect(request.bodies).toEqual({ state: 'kept', until: expect.any(String) as string })
  for (let twice = 0; twice < 2; twice++) {
    const { body } = await ask(`GET ${at}/bodies`)
    expect(body).toMatchObject({ asked: { text: '{"messages":[]}' }, answer: { text: '{"choices":[]}' } })
    expect(body.until).toBe(request.bodies.until)
  }
  const { body: events } = await ask('GET /v1/events?type=bodies_opened')
  expect(events.items).toMatchObject(
    Array.from({ length: 2 }, () => ({ subject: request.id, actor: { kind: 'api_key', id: ctx.actor.id } })),
  )
  const operator = await api.enter('operator', ctx)
  expect((await send(`GET ${at}`, undefined, { cookie: operator.cookie })).status).toBe(200)
  expect((await send(`GET ${at}/bodies`, undefined, { cookie: operator.cookie })).status).toBe(403)
  expect((await (await someone()).ask(`GET ${at}/bodies`)).status).toBe(404)
  expect((await ask('GET /v1/events?type=bodies_opened')).body.items).toHaveLength(2)
})

test('what is deleted is gone at once and stays gone, though it is written down once more; the request stays', async () => {
  const { ask, ctx } = await someone()
  await ask('PATCH /v1/gateway/recording', { of: 'everything' })
  const [one, other] = [await record(ctx), await record(ctx)]
  expect((await (await someone()).ask(`DELETE ${one}/bodies`)).status).toBe(404)
  expect((await ask(`DELETE ${one}/bodies`)).status).toBe(204)
  expect((await ask(`DELETE ${one}/bodies`)).status).toBe(204)
  const { body: request } = await ask(`GET ${one}`)
  expect(request).toMatchObject({ outcome: 'ok', bodies: { state: 'deleted' } })
  await createBodies(
    api.db,
    createSeal([testKey]),
  )([recorded({ id: request.id, tenant: ctx.tenant, at: Date.now(), days: 7 })])
  expect((await ask(`GET ${one}/bodies`)).status).toBe(404)
  expect((await ask(`GET ${other}/bodies`)).status).toBe(200)
  expect((await ask('GET /v1/events?type=bodies_deleted')).body.items).toMatchObject([{ subject: request.id }])
  const left = await api.db.system
    .selectFrom('gateway_body')
    .select('sealed')
    .where('request_id', '=', request.id)
    .execute()
  expect(left).toEqual([{ sealed: null }, { sealed: null }])
})

test('all of a tenant are deleted together; those of others stay', async () => {
  const [{ ask, ctx }, other] = [await someone(), await someone()]
  for (const one of [ask, other.ask]) await one('PATCH /v1/gateway/recording', { of: 'everything' })
  const ours = [await record(ctx), await record(ctx)]
  const theirs = await record(other.ctx)
  const { body: before } = await ask('GET /v1/gateway/recording')
  expect(before).toMatchObject({ requests: 2 })
  expect(before.bytes).toBeGreaterThan(0)
  expect((await ask('POST /v1/gateway/recording/delete')).body).toEqual({ requests: 2 })
  expect((await ask('POST /v1/gateway/recording/delete')).body).toEqual({ requests: 0 })
  for (const one of ours) expect((await ask(`GET ${one}/bodies`)).status).toBe(404)
  expect((await other.ask(`GET ${theirs}/bodies`)).status).toBe(200)
  expect((await ask('GET /v1/gateway/recording')).body).toMatchObject({ requests: 0, bytes: 0, of: 'everything' })
  const { body: events } = await ask('GET /v1/events?type=recording_deleted')
  expect(events.items).toMatchObject([{ data: { requests: 0 } }, { data: { requests: 2 } }])
})

test('bodies whose days are over cannot be read and are forgotten, some at a time; more days bring none back', async () => {
  const { ask, ctx } = await someone()
  await ask('PATCH /v1/gateway/recording', { of: 'everything', days: 30 })
  const [old, young] = [await record(ctx, 8, 7), await record(ctx, 6, 7)]
  expect((await ask(`GET ${old}/bodies`)).status).toBe(404)
  expect((await ask(`GET ${old}`)).body.bodies.state).toBe('over')
  expect((await ask(`GET ${young}/bodies`)).status).toBe(200)
  expect(await forget(new Date(), 1)).toBe(1)
  expect(await forget()).toBe(1)
  expect(await forget()).toBe(0)
  expect((await ask(`GET ${young}/bodies`)).status).toBe(200)
})

test('fewer days count for what is kept already', async () => {
  const { ask, ctx } = await someone()
  await ask('PATCH /v1/gateway/recording', { of: 'everything', days: 30 })
  const [old, young] = [await record(ctx, 4, 30), await record(ctx, 2, 30)]
  expect((await ask('PATCH /v1/gateway/recording', { days: 3 })).body).toMatchObject({ of: 'everything', requests: 1 })
  expect((await ask(`GET ${old}/bodies`)).status).toBe(404)
  expect((await ask(`GET ${old}`)).body.bodies.state).toBe('over')
  expect((await ask(`GET ${young}/bodies`)).status).toBe(200)
  expect(await forget()).toBe(2)
  await forget(new Date(Date.now() + 2 * day))
  expect((await ask(`GET ${young}/bodies`)).status).toBe(404)
})

test('a request whose bodies never came says so', async () => {
  const { ask, ctx } = await someone()
  const id = newId('modelRequest')
  await writeRequests(api.db, [{ ...accounted, id, tenant: ctx.tenant, at: Date.now(), recorded: 7 }])
  expect((await ask(`GET /v1/gateway/requests/${id}`)).body.bodies.state).toBe('missing')
  expect((await ask(`GET /v1/gateway/requests/${id}/bodies`)).status).toBe(404)
})

test('who may only read can see whether it is on, and change and delete nothing', async () => {
  const { ctx, ask } = await someone()
  await ask('PATCH /v1/gateway/recording', { of: 'everything' })
  const at = await record(ctx)
  const { cookie } = await api.enter('viewer', ctx)
  const as = (route: string, body?: unknown) => send(route, body, { cookie })
  expect((await as('GET /v1/gateway/recording')).status).toBe(200)
  expect((await as('PATCH /v1/gateway/recording', { of: 'nothing' })).status).toBe(403)
  expect((await as('POST /v1/gateway/recording/delete')).status).toBe(403)
  expect((await as(`DELETE ${at}/bodies`)).status).toBe(403)
  expect((await ask(`GET ${at}/bodies`)).status).toBe(200)
})
