import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Event } from '#schemas/audit.ts'
import type { Batch, BatchItem } from '#schemas/runs-batches.ts'
import type { Run, RunCanvas } from '#schemas/runs.ts'
import { chain, code, drawing, install, nap } from './harness/drawn.ts'
import { untilState } from './harness/lead.ts'
import { startPlatform, type Platform } from './harness/platform.ts'
import { until } from './harness/until.ts'

let platform: Platform
beforeAll(async () => {
  platform = await startPlatform()
})
afterAll(() => platform[Symbol.asyncDispose]())

const end = { id: 'end', kind: 'end' }
const begin = async (automation: string, input: object = {}) =>
  (await platform.post<Run>(`/v1/automations/${automation}/runs`, { input })).body
const read = (batch: string) => platform.get<{ batch: Batch; items: BatchItem[] }>(`/v1/batches/${batch}?limit=200`)
const over = (batch: string) =>
  until(`${batch} is over`, async () => {
    const now = await read(batch)
    return now.batch.state !== 'running' && now
  })
const ask = async (wish: object) => {
  const { status, body } = await platform.post<Batch>('/v1/batches', wish)
  expect([status, body]).toEqual([201, expect.anything()])
  return body
}

test('all runs that failed are run again from where they failed, each once, also when a worker dies in between', async () => {
  const breaks = drawing(
    [code('a', 'return input.n', { n: { cel: 'input.n' } }), code('b', 'throw new Error("not yet")'), end],
    chain('start', 'a', 'b', 'end'),
  )
  const { id } = await install(platform.database.db, platform.ctx, breaks, 'many')
  const failed = await Promise.all(Array.from({ length: 12 }, (_, n) => begin('many', { n })))
  for (const run of failed) expect(await untilState(platform, run.id, 'failed', 'completed')).toBe('failed')
  const { revision } = await platform.get<{ revision: number }>(`/v1/automations/${id}`)
  const mended = { ...breaks, nodes: breaks.nodes.map((node) => (node.id === 'b' ? code('b', 'return "now"') : node)) }
  const saved = await platform.put<{ revision: number }>(`/v1/automations/${id}/draft`, {
    definition: mended,
    revision,
  })
  await platform.post(`/v1/automations/${id}/publish`, { revision: saved.body.revision })

  const wish = {
    act: 'rerun',
    filter: { workflow: 'many', state: 'failed' },
    how: { from: 'failure', version: 'published' },
    perMinute: 240,
  }
  const preview = await platform.post<{ total: number; first: Run[] }>('/v1/batches/preview', wish)
  expect(preview.body.total).toBe(12)
  expect(preview.body.first.map((run) => run.id)).toEqual(
    failed
      .map((run) => run.id)
      .toSorted()
      .slice(0, 10),
  )
  const asked = await ask(wish)
  expect(asked).toMatchObject({ state: 'running', total: 12 })
  await until('some are done', async () => (await read(asked.id)).batch.done >= 4)
  await platform.kill('worker')
  await platform.start('worker')
  const { batch, items } = await over(asked.id)
  expect(batch).toMatchObject({ state: 'completed', done: 12, refused: 0 })
  expect(items.map((one) => one.run)).toEqual(
    failed
      .map((run) => run.id)
      .toSorted()
      .toReversed(),
  )
  for (const { run, newRun } of items) {
    expect(await untilState(platform, newRun!, 'completed', 'failed')).toBe('completed')
    const { run: made } = await platform.get<{ run: Run }>(`/v1/runs/${newRun}`)
    expect(made).toMatchObject({ rerunOf: run, batch: asked.id, versionNumber: 2 })
  }
  const shown = await platform.get<RunCanvas>(`/v1/runs/${items[0]!.newRun}/canvas`)
  expect(shown.nodes.find((one) => one.node === 'a')?.state).toBe('seeded')
  const { items: told } = await platform.get<{ items: Event[] }>(`/v1/events?subject=${asked.id}`)
  expect(told.map(({ type }) => type)).toEqual(['batch_closed', 'batch_requested'])

  // none is left that nobody has run again
  const again = await platform.post<{ code: string }>('/v1/batches', wish)
  expect(again).toMatchObject({ status: 409, body: { code: 'nothing_fits' } })
})

test('open runs are cancelled together; a batch that is stopped does no more', async () => {
  await install(platform.database.db, platform.ctx, drawing([nap, end], chain('start', 'nap', 'end')), 'naps')
  const runs = await Promise.all(Array.from({ length: 3 }, () => begin('naps')))
  const slow = await ask({ act: 'cancel', filter: { workflow: 'naps' }, perMinute: 1 })
  await until('one is cancelled', async () => (await read(slow.id)).batch.done === 1)
  expect((await platform.post(`/v1/batches/${slow.id}/cancel`, {})).body).toMatchObject({ state: 'cancelled', done: 1 })
  expect((await platform.post(`/v1/batches/${slow.id}/cancel`, {})).status).toBe(409)
  const quick = await ask({ act: 'cancel', filter: { workflow: 'naps' }, perMinute: 600 })
  await over(quick.id)
  for (const run of runs) expect(await untilState(platform, run.id, 'cancelled', 'completed')).toBe('cancelled')
  expect((await read(slow.id)).items).toHaveLength(1)
})

test('a batch that Temporal was not told of is started by the dispatcher', async () => {
  await install(platform.database.db, platform.ctx, drawing([end], chain('start', 'end')), 'quick')
  const run = await begin('quick')
  await untilState(platform, run.id, 'completed')
  // as if the api had died between its commit and Temporal
  const { requestBatch } = await import('#activities/runs/store-batches.ts')
  const { withTenant } = await import('#activities/database.ts')
  const wish = {
    act: 'rerun',
    filter: { workflow: 'quick' },
    how: { from: 'start', version: 'same', again: false },
  } as const
  const { db } = platform.database
  const made = await withTenant(db, platform.ctx, (tx) => requestBatch(tx, platform.ctx, { ...wish, perMinute: 60 }))
  expect((await over(made.id)).batch).toMatchObject({ state: 'completed', done: 1 })
})

test('a run begins again only at a step that the version which is to run has', async () => {
  const { id } = await install(
    platform.database.db,
    platform.ctx,
    drawing([code('a', 'return 1'), code('b', 'return 2'), end], chain('start', 'a', 'b', 'end')),
    'gone',
  )
  const run = await begin('gone')
  expect(await untilState(platform, run.id, 'completed', 'failed')).toBe('completed')
  const definition = drawing([code('a', 'return 1'), code('z', 'return 3'), end], chain('start', 'a', 'z', 'end'))
  const { revision } = await platform.get<{ revision: number }>(`/v1/automations/${id}`)
  const saved = await platform.put<{ revision: number }>(`/v1/automations/${id}/draft`, { definition, revision })
  await platform.post(`/v1/automations/${id}/publish`, { revision: saved.body.revision })
  const how = { from: { node: 'b' }, version: 'published' }
  const why = expect.stringContaining('has no step “b”')
  expect(await platform.post(`/v1/runs/${run.id}/rerun`, how)).toMatchObject({ status: 409, body: { detail: why } })
  const { id: batch } = await ask({ act: 'rerun', filter: { runs: [run.id] }, how, perMinute: 600 })
  expect((await over(batch)).items).toMatchObject([{ run: run.id, newRun: null, refused: why }])
  expect((await platform.post(`/v1/runs/${run.id}/rerun`, { from: { node: 'b' }, version: 'same' })).status).toBe(201)
  expect((await platform.post(`/v1/runs/${run.id}/rerun`, { ...how, from: { node: 'a' } })).status).toBe(201)
  expect((await platform.get<{ items: Run[] }>('/v1/runs?workflow=gone')).items).toHaveLength(3)
})
