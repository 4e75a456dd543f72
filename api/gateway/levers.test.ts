import { expect, test } from 'vitest'
import { usualLevers } from '#schemas/gateway/levers.ts'
import { ownApi } from '#test/harness/own-api.ts'

const api = ownApi()
const { someone } = api

test('levers are off until somebody turns them on, which is in the audit log; no other tenant sees it', async () => {
  const [ask, other] = [await someone(), await someone()]
  expect((await ask('GET /v1/gateway/levers')).body).toEqual({ ...usualLevers, changedAt: null })
  const changed = await ask('PATCH /v1/gateway/levers', { marks: true })
  expect(changed.body).toEqual({ ...usualLevers, marks: true, changedAt: expect.any(String) as string })
  expect((await ask('GET /v1/gateway/levers')).body).toEqual(changed.body)
  const [event] = (await ask('GET /v1/events')).body.items as { type: string; data: object }[]
  expect(event).toMatchObject({ type: 'levers_changed', data: { ...usualLevers, marks: true } })
  expect((await other('GET /v1/gateway/levers')).body).toEqual({ ...usualLevers, changedAt: null })
})

test.each([
  ['marks', 'yes'],
  ['marks', null],
  ['trims', 1],
])('%s: %j is refused, and changes nothing', async (name, value) => {
  const ask = await someone()
  const refused = await ask('PATCH /v1/gateway/levers', { marks: true, trims: true, [name]: value })
  expect(refused).toMatchObject({ status: 422, body: { issues: [{ path: `/body/${name}` }] } })
  expect((await ask('GET /v1/gateway/levers')).body).toEqual({ ...usualLevers, changedAt: null })
})

test('one lever leaves the others as they are, also at the same time', async () => {
  const ask = await someone()
  await Promise.all([
    ask('PATCH /v1/gateway/levers', { marks: true }),
    ask('PATCH /v1/gateway/levers', { trims: true }),
  ])
  expect((await ask('PATCH /v1/gateway/levers', {})).body).toMatchObject({ marks: true, trims: true })
  expect((await ask('PATCH /v1/gateway/levers', { marks: false })).body).toMatchObject({ marks: false, trims: true })
})

test('who may only read can look, and change nothing', async () => {
  const as = await api.as('viewer')
  expect((await as('GET /v1/gateway/levers')).status).toBe(200)
  expect((await as('PATCH /v1/gateway/levers', { marks: true })).status).toBe(403)
})
