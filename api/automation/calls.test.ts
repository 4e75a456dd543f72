import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Definition } from '#schemas/automation/definition.ts'
import { openDrawing, withWait, type Drawing } from './fixture.ts'

let drawing: Drawing
beforeAll(async () => {
  drawing = await openDrawing()
})
afterAll(() => drawing[Symbol.asyncDispose]())

test('a subflow names what is published at this tenant', async () => {
  const { call } = await drawing.drawer()
  const calls: Definition = {
    ...withWait('1d'),
    nodes: withWait('1d').nodes.with(1, { id: 'rest', kind: 'subflow', with: { automation: 'customer-check' } }),
  }
  const { id } = (await call('POST /v1/automations', { name: 'Outer', definition: calls })).body
  const codes = async () =>
    (await call(`POST /v1/automations/${id}/validate`, {})).body.problems.map((one: { code: string }) => one.code)
  expect(await codes()).toEqual(['unknown_automation'])
  const inner = (await call('POST /v1/automations', { handle: 'customer-check', definition: withWait('1d') })).body
  await call(`POST /v1/automations/${inner.id}/publish`, { revision: 1 })
  expect(await codes()).toEqual([])
  const pinned = (version: string) => ({
    ...calls,
    nodes: calls.nodes.with(1, { id: 'rest', kind: 'subflow', with: { automation: 'customer-check', version } }),
  })
  const problems = async (version: string) =>
    (await call(`POST /v1/automations/${id}/validate`, { definition: pinned(version) })).body.problems
  expect(await problems('1')).toEqual([])
  expect(await problems('2')).toMatchObject([{ code: 'unknown_automation', path: '/with/version' }])
})

test('a version that leans on an automation which is gone is not made the live one again', async () => {
  const { call } = await drawing.drawer()
  const part = (await call('POST /v1/automations', { definition: { ...withWait('1d'), name: 'Part' } })).body
  await call(`POST /v1/automations/${part.id}/publish`, { revision: 1 })
  const leaning = withWait('1d')
  leaning.nodes[1] = { id: 'rest', kind: 'subflow', with: { automation: part.handle, input: {} } }
  const { id } = (await call('POST /v1/automations', { definition: leaning })).body
  expect((await call(`POST /v1/automations/${id}/publish`, { revision: 1 })).status).toBe(200)
  await call(`PUT /v1/automations/${id}/draft`, { definition: withWait('2d'), revision: 1 })
  await call(`POST /v1/automations/${id}/publish`, { revision: 2 })
  await call(`POST /v1/automations/${part.id}/archive`)
  const back = await call(`POST /v1/automations/${id}/versions/1/publish`, {})
  expect(back).toMatchObject({
    status: 422,
    body: { code: 'automation_invalid', problems: [{ code: 'unknown_automation', node: 'rest' }] },
  })
  expect((await call(`GET /v1/automations/${id}`)).body.automation.published).toMatchObject({ number: 2 })
})
