import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { projectEvents, rebuild } from '#activities/runs/project.ts'
import { sweepStale, type SweepDeps } from '#activities/runs/sweep.ts'
import { createLog } from '#activities/log.ts'
import type { Run, Step, StepDetail } from '#schemas/runs.ts'
import { connectTemporal } from '#temporal/client.ts'
import { foldEvents, newFold } from '#temporal/fold.ts'
import { eventName, readWholeHistory, type HistoryEvent } from '#temporal/history.ts'
import { PayloadReader } from '#temporal/payloads.ts'
import { testKey } from './harness/database.ts'
import { decideRun, sendLead, untilState } from './harness/lead.ts'
import { startPlatform, type Platform } from './harness/platform.ts'
import { until } from './harness/until.ts'

let platform: Platform
let deps: SweepDeps
const runs: Record<string, string> = {}
const histories: HistoryEvent[][] = []

const play = async (
  kind: string,
  act: (run: string) => Promise<unknown>,
  scenario?: Parameters<typeof sendLead>[2],
) => {
  const { run } = await sendLead(platform, `projection-${kind}`, scenario)
  await act(run)
  runs[kind] = run
}

beforeAll(async () => {
  platform = await startPlatform()
  const { temporalAddress: address, namespace } = platform
  const temporal = connectTemporal({ address, namespace, keys: [testKey] })
  deps = {
    db: platform.database.db,
    temporal,
    payloads: new PayloadReader([testKey]),
    log: createLog('test', 'error', () => {}),
  }
  const approve = (run: string) =>
    decideRun(platform, run, 'approve').then(() => untilState(platform, run, 'completed'))
  await Promise.all([
    play('sent', approve),
    play('repaired', approve, 'model_broken_json'),
    play('rejected', async (run) => {
      await decideRun(platform, run, 'reject')
      await untilState(platform, run, 'completed')
    }),
    play('cancelled', async (run) => {
      await untilState(platform, run, 'waiting')
      await platform.post(`/v1/runs/${run}/cancel`)
      await untilState(platform, run, 'cancelled')
    }),
    play(
      'refused',
      async (run) => {
        await decideRun(platform, run, 'approve')
        await untilState(platform, run, 'failed')
      },
      'mail_refused',
    ),
    play('rules', approve, 'model_never_json'),
  ])
  for (const run of Object.values(runs)) histories.push(await readWholeHistory(temporal, run))
})
afterAll(async () => {
  await deps.temporal.connection.close()
  await platform[Symbol.asyncDispose]()
})

const detail = (run: string) => platform.get<{ run: Run; steps: Step[] }>(`/v1/runs/${run}`)
const rowsOf = (run: string) =>
  platform.database.db.system
    .selectFrom('step')
    .selectAll()
    .where('run_id', '=', run)
    .orderBy('head_event')
    .execute()
    .then((rows) => rows.map((row) => ({ ...row, changed: null })))
const delayed = (ms: number) => new Date(Date.now() + ms)

test('each ends as its kind should', async () => {
  const ends = await Promise.all(
    Object.entries(runs).map(async ([kind, run]) => {
      const { state, outcome, failure } = (await detail(run)).run
      return [kind, { state, outcome, code: failure?.code ?? null }]
    }),
  )
  expect(Object.fromEntries(ends)).toEqual({
    sent: { state: 'completed', outcome: 'sent', code: null },
    repaired: { state: 'completed', outcome: 'sent', code: null },
    rejected: { state: 'completed', outcome: 'rejected', code: null },
    cancelled: { state: 'cancelled', outcome: null, code: null },
    refused: { state: 'failed', outcome: null, code: 'mail_refused' },
    rules: { state: 'completed', outcome: 'sent', code: null },
  })
})

test('the timeline says who wrote the reply, and what was undone', async () => {
  const titles = async (kind: string) => (await detail(runs[kind]!)).steps.map((step) => step.part ?? step.title)
  expect(await titles('rules')).toContain('Fall back to the rules')
  expect(await titles('refused')).toContain('Hand the deal back to a person')
  expect(await titles('cancelled')).toEqual(
    expect.arrayContaining(['Withdraw the approval', 'Hand the deal back to a person']),
  )
  const repaired = (await detail(runs['repaired']!)).steps.find((step) => step.type === 'ai.answer')!
  const { output } = await platform.get<StepDetail>(`/v1/runs/${runs['repaired']}/steps/${repaired.id}`)
  expect(output).toMatchObject({ author: { by: 'model', repaired: true } })
})

test('each activity, timer and update of the history is a step, in the state that history tells', async () => {
  const ends: Record<string, string> = {
    ActivityTaskCompleted: 'completed',
    ActivityTaskFailed: 'failed',
    ActivityTaskTimedOut: 'timed_out',
    ActivityTaskCanceled: 'cancelled',
    TimerFired: 'completed',
    TimerCanceled: 'cancelled',
    WorkflowExecutionUpdateCompleted: 'completed',
  }
  for (const run of Object.values(runs)) {
    const events = await readWholeHistory(deps.temporal, run)
    const heads = events.filter((event) =>
      ['ActivityTaskScheduled', 'TimerStarted', 'WorkflowExecutionUpdateAccepted'].includes(eventName(event)),
    )
    const { steps } = await detail(run)
    expect(steps.map((step) => step.events[0])).toEqual(heads.map((event) => Number(event.eventId)))
    for (const step of steps) {
      const last = events.find((event) => Number(event.eventId) === step.events.at(-1))!
      // what is open when its run ends has no event of its own
      expect(step.state, `${run} ${step.title}`).toBe(ends[eventName(last)] ?? 'cancelled')
    }
  }
})

test('rebuilt from nothing, the steps are those that were projected live', async () => {
  for (const [kind, run] of Object.entries(runs)) {
    const live = await rowsOf(run)
    expect(live.length, kind).toBeGreaterThan(5)
    await rebuild(deps, { id: run, tenant: platform.ctx.tenant })
    expect(await rowsOf(run), kind).toEqual(live)
  }
})

test('folding in portions, overlapping ones too, equals folding at once', () => {
  fc.assert(
    fc.property(
      fc.nat({ max: histories.length - 1 }),
      fc.array(fc.tuple(fc.nat({ max: 100 }), fc.nat({ max: 5 })), { maxLength: 12 }),
      (which, cuts) => {
        const events = histories[which]!
        const whole = newFold()
        foldEvents(whole, events)
        const parts = newFold()
        const ends = cuts.map(([at, back]) => [at % events.length, back] as const).toSorted((a, b) => a[0] - b[0])
        let from = 0
        for (const [end, back] of ends) {
          foldEvents(parts, events.slice(Math.max(0, from - back), end))
          from = end
        }
        foldEvents(parts, events.slice(from))
        expect(parts).toEqual(whole)
      },
    ),
    { seed: 4700, numRuns: 300 },
  )
})

test('what a slower projector read earlier does not undo what is known since', async () => {
  const run = runs['sent']!
  const events = await readWholeHistory(deps.temporal, run)
  const before = await rowsOf(run)
  for (const end of [5, 12, events.length - 3])
    await projectEvents(deps, { id: run, tenant: platform.ctx.tenant }, newFold(), events.slice(0, end))
  expect(await rowsOf(run)).toEqual(before)
})

test('when Temporal has let go of a run its detail, payloads and export are still there', async () => {
  const run = runs['sent']!
  const { steps } = await detail(run)
  const path = `/v1/runs/${run}/steps/${steps.find((step) => step.type === 'leads.read')!.id}`
  const ask = () => Promise.all([detail(run), platform.get(path), platform.get(`/v1/runs/${run}/history`)])
  const before = await ask()
  await forget(run)
  expect(await ask()).toEqual(before)
  const rows = await rowsOf(run)
  await rebuild(deps, { id: run, tenant: platform.ctx.tenant })
  expect(await rowsOf(run)).toEqual(rows)
})

test('a run that Temporal has lost is failed, and says so', async () => {
  const { run } = await sendLead(platform, 'projection-lost')
  await untilState(platform, run, 'waiting')
  await platform.kill('projector')
  await forget(run)
  await sweepStale(deps, delayed(60_000))
  expect((await detail(run)).run).toMatchObject({ state: 'failed', failure: { code: 'history_lost' } })
  await platform.start('projector')
})

test('a run that nobody watches is closed all the same', async () => {
  const { run } = await sendLead(platform, 'projection-unwatched')
  await decideRun(platform, run, 'approve')
  await untilState(platform, run, 'completed')
  const { steps } = await detail(run)
  expect(steps.at(-1)).toMatchObject({ title: 'Note it in the CRM', state: 'completed' })
})

const forget = async (run: string): Promise<void> => {
  const { temporal } = deps
  await temporal.workflowService.deleteWorkflowExecution({
    namespace: platform.namespace,
    workflowExecution: { workflowId: run },
  })
  await until('Temporal has forgotten it', async () =>
    readWholeHistory(temporal, run).then(
      () => false,
      (error: Error) => error.name === 'WorkflowNotFoundError',
    ),
  )
}
