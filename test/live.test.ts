import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeLead } from '#workers/sandbox/leads.ts'
import type { Approval } from '#schemas/approvals.ts'
import { sisterId } from '#schemas/ids.ts'
import type { Run, Step } from '#schemas/runs.ts'
import { deliver } from './harness/hooks.ts'
import { openLine, untilRow, type Line } from './harness/live.ts'
import { withKey } from './harness/people.ts'
import { startPlatform, type Platform } from './harness/platform.ts'
import { sandboxAt } from './harness/sandbox.ts'
import { until } from './harness/until.ts'

let platform: Platform
let authorization: string
beforeAll(async () => {
  platform = await startPlatform()
  authorization = `Bearer ${platform.apiKey}`
})
afterAll(() => platform[Symbol.asyncDispose]())

const line = (topics: string[], lastId?: string): Promise<Line> =>
  openLine(topics, { authorization, url: platform.url, lastId })
const send = async (seed: string): Promise<string> => {
  const { body } = await deliver(platform.hook, `msg_${seed}`, makeLead(seed).xml)
  return sisterId('run', body.receipt)
}
const known = (run: string) =>
  until('the run is there', () => platform.get<{ run: Run; steps: Step[] }>(`/v1/runs/${run}`))
const approve = async (run: string): Promise<void> => {
  const { items } = await platform.get<{ items: Approval[] }>(`/v1/approvals?state=open&run=${run}`)
  await platform.post(`/v1/approvals/${items[0]!.approval}/decide`, { decision: 'approve' })
}
const stateIs = (run: string, state: string) => (row: { id: string }) =>
  row.id === run && (row as { state?: string }).state === state

test('each step of a run arrives while it happens, in order, and ends as the API tells it', async () => {
  const sandbox = sandboxAt(platform.sandboxUrl)
  await sandbox.turn('crm', { latencyMs: 400 })
  const run = await send('live-steps')
  await known(run)
  await using viewer = await line([`run:${run}`])
  await untilRow(viewer, `run:${run}`, 'it waits', stateIs(run, 'waiting'))
  await sandbox.turn('crm', { latencyMs: 0 })
  await approve(run)
  await untilRow(viewer, `run:${run}`, 'it is completed', stateIs(run, 'completed'))

  const { steps } = await known(run)
  await until('every step has arrived as it ended', async () =>
    steps.every((step) => viewer.forms(step.id).at(-1)?.['state'] === step.state),
  )
  const arrived = viewer.heard.flatMap((one) =>
    one.event === 'tick' ? [] : one.rows.filter((row) => row['row'] === 'step'),
  )
  expect([...new Set(arrived.map((row) => row.id))]).toEqual(steps.map((step) => step.id))
  expect(viewer.heard.filter((one) => one.event === 'snapshot')).toHaveLength(1)
  // what took time was seen before it was over
  const match = steps.find((step) => step.node === 'match')!
  expect(viewer.forms(match.id).map((form) => form['state'])).toEqual(expect.arrayContaining(['running', 'completed']))
})

test('tries of an activity appear while it is retried, with what went wrong', async () => {
  const sandbox = sandboxAt(platform.sandboxUrl)
  await sandbox.turn('dms', { outage: 'unavailable' })
  const run = await send('live-retry')
  await known(run)
  await using viewer = await line([`run:${run}`])
  const step = (await untilRow(
    viewer,
    `run:${run}`,
    'the stock look-up is retried for the second time',
    (row) => row['node'] === 'stock' && row['state'] === 'retrying' && (row as unknown as Step).attempts.length > 1,
  )) as unknown as Step
  expect(step.attempts.map((attempt) => attempt.n)).toEqual(step.attempts.map((_, i) => i + 1))
  expect(step.attempts[0]).toMatchObject({ outcome: 'failed', message: expect.stringContaining('503') })
  await sandbox.turn('dms', { outage: 'none' })
  await untilRow(viewer, `run:${run}`, 'it waits', stateIs(run, 'waiting'))
})

test('a line that was cut goes on where it was', async () => {
  const topics = ['runs', 'receipts']
  let lastId: string | undefined
  {
    await using first = await line(topics)
    const seen = await send('live-cut-1')
    await untilRow(first, 'runs', 'the first run waits', stateIs(seen, 'waiting'))
    lastId = first.lastId()
  }
  const missed = await send('live-cut-2')
  await until('it waits', async () => (await platform.get<{ run: Run }>(`/v1/runs/${missed}`)).run.state === 'waiting')
  await using again = await line(topics, lastId)
  await untilRow(again, 'runs', 'the missed run arrives', stateIs(missed, 'waiting'))
  await untilRow(again, 'receipts', 'its receipt arrives', (row) => row['run'] === missed)
  expect(again.heard.filter((one) => one.event === 'snapshot')).toEqual([])
})

test('after the API was killed the line goes on, with what happened while nobody served it', async () => {
  const sandbox = sandboxAt(platform.sandboxUrl)
  await sandbox.turn('crm', { outage: 'unavailable' })
  await using first = await line(['runs', 'approvals'])
  const run = await send('live-killed')
  await untilRow(first, 'runs', 'the run has begun', stateIs(run, 'running'))
  const lastId = first.lastId()
  await platform.kill('api')
  expect(await first.ended).toBe('broken')
  await sandbox.turn('crm', { outage: 'none' })
  await until('it waits for a person', () =>
    platform.database.db.system.selectFrom('approval').select('id').where('run_id', '=', run).executeTakeFirst(),
  )
  await platform.start('api')
  await using again = await line(['runs', 'approvals'], lastId)
  await untilRow(again, 'runs', 'the run arrives', stateIs(run, 'waiting'))
  await untilRow(again, 'approvals', 'its approval arrives', (row) => row['run'] === run)
  expect(again.heard.filter((one) => one.event === 'snapshot')).toEqual([])
})

test('what one may not see is refused before the line opens', async () => {
  const run = await send('live-refused')
  await known(run)
  const { db } = platform.database
  const [other, narrow] = await Promise.all([withKey(db), withKey(db, ['runs:read'], platform.ctx)])
  const ask = async (topic: string, as: { authorization?: string }) =>
    (await fetch(`${platform.url}/v1/live?topic=${topic}`, { headers: { ...as } })).status
  expect(await ask(`run:${run}`, { authorization: other.authorization })).toBe(404)
  expect(await ask('approvals', { authorization: narrow.authorization })).toBe(403)
  expect(await ask('nothing', { authorization })).toBe(400)
  expect(await ask(`run:${run}'`, { authorization })).toBe(400)
  expect(await ask('runs', {})).toBe(401)
})

test('the rows of another tenant never arrive', async () => {
  const other = await withKey(platform.database.db)
  await using theirs = await openLine(['runs', 'receipts', 'approvals'], { ...other, url: platform.url })
  await using ours = await line(['runs'])
  const run = await send('live-mine')
  await untilRow(ours, 'runs', 'it waits', stateIs(run, 'waiting'))
  expect(['runs', 'receipts', 'approvals'].flatMap((topic) => theirs.rows(topic))).toEqual([])
})
