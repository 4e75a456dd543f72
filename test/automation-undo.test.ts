import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Definition, Node } from '#schemas/automation/definition.ts'
import type { Run, Step } from '#schemas/runs.ts'
import { chain, drawing, install, nap } from './harness/drawn.ts'
import { untilState } from './harness/lead.ts'
import { startPlatform, type Platform } from './harness/platform.ts'
import { until } from './harness/until.ts'

let platform: Platform
beforeAll(async () => {
  platform = await startPlatform()
})
afterAll(() => platform[Symbol.asyncDispose]())

const begin = async (handle: string, definition: Definition) => {
  await install(platform.database.db, platform.ctx, definition, handle)
  return (await platform.post<Run>(`/v1/automations/${handle}/runs`, { input: {} })).body.id
}
const detail = (run: string) => platform.get<{ run: Run; steps: Step[] }>(`/v1/runs/${run}`)
const undoings = async (run: string) => (await detail(run)).steps.filter((step) => step.undoes)
const stepOf = (run: string, node: string) =>
  until(`${node} of ${run} is seen`, async () => (await detail(run)).steps.find((step) => step.node === node))

const first = { cel: 'steps.find.vehicles[0].stock' }
const hold = (customer: string, undo: Node['undo']): Definition =>
  drawing(
    [
      { id: 'find', kind: 'action', with: { operation: 'dms.find_vehicles', input: {} } },
      {
        id: 'hold',
        kind: 'action',
        with: { operation: 'dms.hold_vehicle', input: { stock: first, for: customer } },
        ...(undo === undefined ? {} : { undo }),
      },
      nap,
      { id: 'end', kind: 'end' },
    ],
    chain('start', 'find', 'hold', 'nap', 'end'),
  )
const release = (customer: string, stock: { cel: string } | string = first) => ({
  operation: 'dms.release_vehicle',
  input: { stock, for: customer },
  title: 'Release the car',
})

test('what a cancelled run held is free again, by an operation that is not told why', async () => {
  const run = await begin('holds', hold('Dana', release('Dana')))
  await stepOf(run, 'nap')
  await platform.post(`/v1/runs/${run}/cancel`, {})
  await untilState(platform, run, 'cancelled')
  expect(await undoings(run)).toMatchObject([{ title: 'Release the car', state: 'completed' }])
  const other = await begin('holds-too', hold('Priya', release('Priya')))
  await stepOf(other, 'nap')
  await platform.post(`/v1/runs/${other}/cancel`, {})
  await untilState(platform, other, 'cancelled')
})

test('what could not be undone is a step that failed, and says why', async () => {
  const run = await begin('holds-on', hold('Dana', release('Dana', 'N0000')))
  await stepOf(run, 'nap')
  await platform.post(`/v1/runs/${run}/cancel`, {})
  await untilState(platform, run, 'cancelled')
  expect(await undoings(run)).toMatchObject([
    { node: 'hold', state: 'failed', failure: { message: expect.stringContaining('N0000') } },
  ])
})

test.each<[string, NonNullable<Node['retry']>]>([
  ['longer than the longest by itself', { attempts: 2, first: '5m' }],
  ['longer than the longest named', { attempts: 2, first: '10m', most: '1m' }],
  ['of no length', { attempts: 2, first: '0s' }],
])('a first pause %s holds up no run', async (_, retry) => {
  const handle = `pause-${retry.first}-${retry.most ?? 'none'}`
  const failing: Node = {
    id: 'look',
    kind: 'action',
    with: { operation: 'dms.release_vehicle', input: { stock: 'N0000', for: 'Dana' } },
    retry,
  }
  const run = await begin(handle, drawing([failing, { id: 'end', kind: 'end' }], chain('start', 'look', 'end')))
  await untilState(platform, run, 'failed')
  expect((await detail(run)).run.failure?.message).toContain('N0000')
})
