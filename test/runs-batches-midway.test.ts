import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Batch, BatchItem, BatchProgress } from '#schemas/runs-batches.ts'
import type { Run } from '#schemas/runs.ts'
import { chain, code, drawing, install, nap } from './harness/drawn.ts'
import { untilState } from './harness/lead.ts'
import { openLine, untilRow } from './harness/live.ts'
import { startPlatform, type Platform } from './harness/platform.ts'
import { until } from './harness/until.ts'

let platform: Platform
beforeAll(async () => {
  platform = await startPlatform({ processes: ['worker', 'projector', 'api'] })
})
afterAll(() => platform[Symbol.asyncDispose]())

type Seen = { batch: Batch; progress: BatchProgress; items: BatchItem[] }
const read = (batch: string, only = '') =>
  platform.get<Seen>(`/v1/batches/${batch}?limit=200${only && `&only=${only}`}`)
const ask = async (wish: object) => (await platform.post<Batch>('/v1/batches', { act: 'rerun', ...wish })).body
const over = (batch: string) =>
  until(`${batch} is over`, async () => {
    const now = await read(batch)
    return now.batch.state !== 'running' && now.progress.open === 0 && now
  })
/** Runs of a new automation, half of which fail at their second step. */
const half = async (handle: string, count: number): Promise<string[]> => {
  const steps = [
    code('a', 'return 1'),
    code('b', 'if (input.bad) throw new Error("no DMS")', { bad: { cel: 'input.bad' } }),
  ]
  const definition = drawing([...steps, { id: 'end', kind: 'end' }], chain('start', 'a', 'b', 'end'))
  await install(platform.database.db, platform.ctx, definition, handle)
  const runs: string[] = []
  for (let n = 0; n < count; n++) {
    const { body } = await platform.post<Run>(`/v1/automations/${handle}/runs`, { input: { bad: n % 2 === 0 } })
    runs.push(body.id)
  }
  for (const [n, run] of runs.entries()) await untilState(platform, run, n % 2 === 0 ? 'failed' : 'completed')
  return runs
}

test('what failed again, what was refused and why is told, also of runs that were picked one by one', async () => {
  const runs = await half('picked', 6)
  const picked = runs.slice(0, 4)
  const { id } = await ask({ filter: { runs: picked }, how: { from: 'failure' }, perMinute: 6000 })
  await using line = await openLine([`batch:${id}`], { authorization: `Bearer ${platform.apiKey}`, url: platform.url })
  const { batch, progress, items } = await over(id)
  expect(batch).toMatchObject({ state: 'completed', total: 4, done: 2, refused: 2 })
  const reason = 'This run did not fail at a step; run it from its start.'
  expect(progress).toEqual({ open: 0, completed: 0, failed: 2, cancelled: 0, refusals: [{ reason, runs: 2 }] })
  expect(items.map((item) => item.run)).toEqual(picked.toReversed())
  expect(items.map((item) => item.state)).toEqual([null, 'failed', null, 'failed'])
  expect((await read(id, 'refused')).items.map((item) => item.refused)).toEqual([reason, reason])
  const failed = (await read(id, 'failed')).items
  expect(failed.map((item) => item.run)).toEqual([runs[2], runs[0]])
  await untilRow(line, `batch:${id}`, 'the line has it all', (row) => {
    const told = row['progress'] as BatchProgress | undefined
    return row['state'] === 'completed' && told?.failed === 2
  })
  expect(line.rows(`batch:${id}`).filter((row) => row['row'] === 'item')).toHaveLength(4)
  // each finds the other: the old run its new one, the batch's runs by a search
  const { reruns } = await platform.get<{ reruns: Run[] }>(`/v1/runs/${failed[0]!.run}`)
  expect(reruns).toMatchObject([{ id: failed[0]!.newRun, batch: id, state: 'failed' }])
  const { items: found } = await platform.get<{ items: Run[] }>(`/v1/runs?batch=${id}&state=failed`)
  expect(found.map((run) => run.id).toSorted()).toEqual(failed.map((item) => item.newRun!).toSorted())
})

test('a batch that is stopped half-way leaves the rest as it was, and another takes what is left', async () => {
  const runs = await half('stopped', 8)
  const failed = runs.filter((_, n) => n % 2 === 0)
  const filter = { workflow: 'stopped', state: 'failed', to: new Date().toISOString() }
  const { id } = await ask({ filter, perMinute: 20 })
  await until('one is done', async () => (await read(id)).batch.done >= 1)
  const { body: stopped } = await platform.post<Batch>(`/v1/batches/${id}/cancel`)
  expect(stopped).toMatchObject({ state: 'cancelled', total: 4 })
  const { items } = await over(id)
  expect(items).toHaveLength(stopped.done)
  expect(stopped.done).toBeLessThan(4)
  const rest = await ask({ filter, perMinute: 6000 })
  expect(rest.total).toBe(4 - stopped.done)
  const taken = [...items, ...(await over(rest.id)).items].map((item) => item.run)
  expect(taken.toSorted()).toEqual(failed)
})

test('a batch goes on while the projector is killed, and each run is started once when it is back', async () => {
  const runs = await half('killed', 10)
  const { id } = await ask({ filter: { workflow: 'killed' }, perMinute: 300 })
  await until('some are done', async () => (await read(id)).batch.done >= 3)
  await platform.kill('projector')
  await until('all are taken', async () => (await read(id)).batch.state === 'completed')
  await platform.start('projector')
  const { progress, items } = await over(id)
  expect(progress).toMatchObject({ completed: 5, failed: 5 })
  expect(items.map((item) => item.run)).toEqual(runs.toReversed())
  for (const run of runs) {
    const { reruns } = await platform.get<{ reruns: Run[] }>(`/v1/runs/${run}`)
    expect(reruns).toHaveLength(1)
  }
})

test('a run whose history cannot be read any more is refused, and those behind it are not held up', async () => {
  const [lost, , other] = await half('lost', 3)
  await platform.database.db.system
    .updateTable('run_history')
    .set({ body: Buffer.from('no history') })
    .where('run_id', '=', lost!)
    .execute()
  const { id } = await ask({ filter: { workflow: 'lost', state: 'failed' }, how: { from: 'failure' }, perMinute: 6000 })
  const { items, progress } = await over(id)
  expect(items.map((item) => item.run)).toEqual([other, lost])
  const reason = 'What this run did can no longer be told from its history.'
  expect(progress).toMatchObject({ failed: 1, refusals: [{ reason, runs: 1 }] })
})

test('a batch that cancels tells live how its runs end', async () => {
  await install(
    platform.database.db,
    platform.ctx,
    drawing([nap, { id: 'end', kind: 'end' }], chain('start', 'nap', 'end')),
    'naps',
  )
  const { body: run } = await platform.post<Run>('/v1/automations/naps/runs', { input: {} })
  await untilState(platform, run.id, 'running')
  const { body: batch } = await platform.post<Batch>('/v1/batches', { act: 'cancel', filter: { runs: [run.id] } })
  await using line = await openLine([`batch:${batch.id}`], {
    authorization: `Bearer ${platform.apiKey}`,
    url: platform.url,
  })
  await untilRow(
    line,
    `batch:${batch.id}`,
    'its run is cancelled',
    (row) => row.id === run.id && row['state'] === 'cancelled',
  )
})
