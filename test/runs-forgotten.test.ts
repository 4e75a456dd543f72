import { afterAll, beforeAll, expect, test } from 'vitest'
import { withSystem } from '#activities/database.ts'
import { forgetHistories } from '#activities/runs/forget.ts'
import { forgetOld } from '#activities/system/forget.ts'
import type { Approval } from '#schemas/approvals.ts'
import type { Event } from '#schemas/audit.ts'
import { sisterId } from '#schemas/ids.ts'
import type { Receipt } from '#schemas/ingress.ts'
import type { Run, RunCanvas } from '#schemas/runs.ts'
import { connectTemporal } from '#temporal/client.ts'
import { testKey } from './harness/database.ts'
import { chain, code, drawing, install } from './harness/drawn.ts'
import { makeLead } from '#workers/sandbox/leads.ts'
import { deliver } from './harness/hooks.ts'
import { decideRun, untilState } from './harness/lead.ts'
import { startPlatform, type Platform } from './harness/platform.ts'
import { until } from './harness/until.ts'

let platform: Platform
let temporal: ReturnType<typeof connectTemporal>
beforeAll(async () => {
  platform = await startPlatform()
  const { temporalAddress: address, namespace } = platform
  temporal = connectTemporal({ address, namespace, keys: [testKey] })
})
afterAll(async () => {
  await temporal.connection.close()
  await platform[Symbol.asyncDispose]()
})

const system = () => platform.database.db
/** Sets a run back in time, as if it had closed so many days ago; and has it kept for so many. */
const age = (run: string, days: number, kept?: number) =>
  withSystem(system(), (tx) =>
    tx
      .updateTable('run')
      .set({
        closed_at: new Date(Date.now() - days * 86_400_000),
        ...(kept === undefined ? {} : { retention_days: kept }),
      })
      .where('id', '=', run)
      .execute(),
  )
const forget = async () => {
  while (await forgetOld(system(), new Date(), 1000, (runs) => forgetHistories(temporal, runs)));
}
const status = async (path: string) =>
  (await fetch(`${platform.url}${path}`, { headers: { authorization: `Bearer ${platform.apiKey}` } })).status
/** The runs that stand in these, however deep. */
const inside = async (runs: string[]): Promise<string[]> => {
  const found = await withSystem(system(), (tx) =>
    tx.selectFrom('run').select('id').where('parent_run', 'in', runs).execute(),
  )
  const ids = found.map(({ id }) => id)
  return ids.length === 0 ? [] : [...ids, ...(await inside(ids))]
}
const rowsOf = async (runs: string[]) => {
  const tables = ['step', 'step_attempt', 'run_history', 'run_payload', 'run_request', 'approval'] as const
  const counts = await withSystem(system(), (tx) =>
    Promise.all(tables.map((table) => tx.selectFrom(table).select('run_id').where('run_id', 'in', runs).execute())),
  )
  return Object.fromEntries(tables.map((table, at) => [table, counts[at]?.length ?? 0]))
}
const isKnown = async (run: string) => {
  const describing = temporal.workflow.getHandle(run).describe()
  return describing.then(
    () => true,
    () => false,
  )
}
const approvalsOf = async (run: string) =>
  (await platform.get<{ items: Approval[] }>(`/v1/approvals?run=${run}`)).items.length
const foundBy = async (words: string) =>
  (await platform.get<{ items: Run[] }>(`/v1/runs?text=${words}`)).items.map(({ id }) => id)
const begin = async (path: string, body: object) => (await platform.post<Run>(path, body)).body.id

const keeping = drawing(
  [
    code('make', 'return "x".repeat(100000)'),
    { id: 'each', kind: 'loop', with: { items: { cel: 'input.items' }, concurrency: 100 } },
    {
      id: 'inner',
      kind: 'loop',
      within: 'each',
      with: { items: { cel: 'input.items.filter(one, index == 3)' }, concurrency: 100 },
    },
    { id: 'seen', kind: 'map', within: 'inner', with: { items: [1], to: 1 } },
    { id: 'ask', kind: 'approval', with: { ask: 'Keep it?' } },
    { id: 'end', kind: 'end' },
    { id: 'no', kind: 'end' },
  ],
  [
    ...chain('start', 'make', 'each', 'ask'),
    { from: 'each', port: 'each', to: 'inner' },
    { from: 'inner', port: 'each', to: 'seen' },
    { from: 'ask', port: 'approved', to: 'end' },
    { from: 'ask', port: 'rejected', to: 'no' },
  ],
  {
    settings: { retention: 3 },
    input: { type: 'object', properties: { items: { type: 'array', items: { type: 'number' } } } },
  },
)

test(
  'a run that is older than its automation keeps it is gone everywhere, with its pages and approvals; a younger one stays',
  { timeout: 180_000 },
  async () => {
    await install(system(), platform.ctx, keeping, 'keeps')
    const input = { items: Array.from({ length: 501 }, (_, n) => n) }
    const [old, young] = [
      await begin('/v1/automations/keeps/runs', { input }),
      await begin('/v1/automations/keeps/runs', { input: { items: [1] } }),
    ]
    for (const run of [old, young]) {
      expect(await untilState(platform, run, 'waiting', 'failed')).toBe('waiting')
      await decideRun(platform, run, 'approve')
      expect(await untilState(platform, run, 'completed', 'failed')).toBe('completed')
    }
    const tried = await begin('/v1/automations/keeps/test', { input: { items: [1] }, until: 'make' })
    expect(await untilState(platform, tried, 'completed', 'failed')).toBe('completed')
    const pages = await until('all pages are closed', async () => {
      const all = await inside([old])
      for (const page of all) await untilState(platform, page, 'completed')
      return all.length === 4 && all
    })
    const gone = [old, tried, ...pages]
    expect(Object.values(await rowsOf(gone)).every((count) => count > 0)).toBe(true)

    await forget()
    expect(await status(`/v1/runs/${old}`)).toBe(200)
    for (const run of [old, tried]) await age(run, 3.1)
    await age(young, 2.9)
    await forget()
    for (const run of gone) {
      expect([run, await status(`/v1/runs/${run}`), await status(`/v1/runs/${run}/canvas`)]).toEqual([run, 404, 404])
      await until('its history is gone', async () => !(await isKnown(run)))
    }
    expect(Object.values(await rowsOf(gone)).filter((count) => count > 0)).toEqual([])
    expect([await approvalsOf(old), await foundBy(old)]).toEqual([0, []])
    const { items } = await platform.get<{ items: Event[] }>(`/v1/events?subject=${old}`)
    expect(items.map(({ type }) => type)).toEqual(['run_forgotten', 'run_closed', 'run_started', 'run_requested'])

    expect([await status(`/v1/runs/${young}`), await approvalsOf(young)]).toEqual([200, 1])
    expect(await foundBy(young)).toEqual([young])
    expect(await isKnown(young)).toBe(true)
    const { nodes } = await platform.get<RunCanvas>(`/v1/runs/${young}/canvas`)
    expect(nodes.find(({ node }) => node === 'make')?.output).toHaveLength(100_000)
  },
)

test('the webhook that a forgotten run came of is kept without its body, and is still known when it comes again', async () => {
  const { xml } = makeLead('forgotten')
  const send = async () => (await deliver(platform.hook, 'msg_forgotten', xml)).body.receipt
  const receipt = await send()
  const run = sisterId('run', receipt)
  await decideRun(platform, run, 'approve')
  expect(await untilState(platform, run, 'completed', 'failed')).toBe('completed')
  const read = () => platform.get<Receipt & { body: string | null }>(`/v1/receipts/${receipt}/detail`)
  expect((await read()).body).toContain('<adf>')
  await age(run, 4, 3)
  await forget()
  expect(await status(`/v1/runs/${run}`)).toBe(404)
  expect(await read()).toMatchObject({ body: null, run: null })
  expect(await send()).toBe(receipt)
  expect(await status(`/v1/runs/${run}`)).toBe(404)
})

test('what Temporal cannot be told to forget is kept until it can', async () => {
  await install(
    system(),
    platform.ctx,
    drawing([code('make', 'return 1'), { id: 'end', kind: 'end' }], chain('start', 'make', 'end'), {
      settings: { retention: 1 },
    }),
    'brief',
  )
  const run = await begin('/v1/automations/brief/runs', { input: {} })
  expect(await untilState(platform, run, 'completed', 'failed')).toBe('completed')
  await age(run, 2)
  const away = forgetOld(system(), new Date(), 1000, () => Promise.reject(new Error('Temporal is away')))
  await expect(away).rejects.toThrow('Temporal is away')
  expect(await status(`/v1/runs/${run}/canvas`)).toBe(200)
  await forget()
  expect(await status(`/v1/runs/${run}`)).toBe(404)
})
