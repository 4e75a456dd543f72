import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Definition, Node, Settings } from '#schemas/automation/definition.ts'
import type { Event } from '#schemas/audit.ts'
import type { Run, RunCanvas, Step, StepDetail } from '#schemas/runs.ts'
import { connectTemporal } from '#temporal/client.ts'
import { largestInline } from '#temporal/large-payloads.ts'
import { readWholeHistory } from '#temporal/history.ts'
import { testKey } from './harness/database.ts'
import { chain, code, drawing, install, nap } from './harness/drawn.ts'
import { untilState } from './harness/lead.ts'
import { startPlatform, type Platform } from './harness/platform.ts'
import { until } from './harness/until.ts'

let platform: Platform
beforeAll(async () => {
  platform = await startPlatform()
})
afterAll(() => platform[Symbol.asyncDispose]())

const put = (handle: string, definition: Definition) => install(platform.database.db, platform.ctx, definition, handle)
const napping = (handle: string, settings: Settings) =>
  put(
    handle,
    drawing([nap, { id: 'end', kind: 'end', with: { outcome: 'rested' } }], chain('start', 'nap', 'end'), { settings }),
  )
const begin = async (automation: string, input: object = {}) => {
  const { status, body } = await platform.post<Run>(`/v1/automations/${automation}/runs`, { input })
  expect([status, body]).toEqual([201, expect.anything()])
  return body
}
const read = async (run: string) => (await platform.get<{ run: Run }>(`/v1/runs/${run}`)).run
const naps = (run: string) =>
  until(`${run} naps`, async () => {
    const { nodes } = await platform.get<RunCanvas>(`/v1/runs/${run}/canvas`)
    return nodes.some((one) => one.node === 'nap' && one.state === 'running')
  })
const wake = async (run: string) => {
  await naps(run)
  expect((await platform.post(`/v1/runs/${run}/skip`, { step: 'nap#0' })).status).toBe(202)
  expect(await untilState(platform, run, 'completed', 'failed', 'cancelled')).toBe('completed')
}
const end: Node = { id: 'end', kind: 'end' }
const byVin: Settings['concurrency'] = { key: { cel: 'input.vin' }, policy: 'serial' }

test('runs of one key go one after the other in the order they were asked for; another key does not wait', async () => {
  await napping('serial', { concurrency: byVin })
  const first = await begin('serial', { vin: 'A' })
  const second = await begin('serial', { vin: 'A' })
  const third = await begin('serial', { vin: 'A' })
  const other = await begin('serial', { vin: 'B' })
  await naps(first.id)
  await naps(other.id)
  expect(second).toMatchObject({ state: 'queued', waitsFor: 'A' })
  expect([(await read(second.id)).state, (await read(third.id)).state]).toEqual(['queued', 'queued'])
  await wake(first.id)
  await naps(second.id)
  expect(await read(second.id)).toMatchObject({ waitsFor: null })
  expect((await read(third.id)).state).toBe('queued')

  // one that waits may be called off, and a dispatcher that dies forgets nobody
  const fourth = await begin('serial', { vin: 'A' })
  expect((await platform.post(`/v1/runs/${third.id}/cancel`, {})).status).toBe(202)
  await platform.kill('projector')
  await wakeUnseen(second.id)
  await platform.start('projector')
  await naps(fourth.id)
  expect((await read(third.id)).state).toBe('cancelled')
  await wake(fourth.id)
  await wake(other.id)
})

/** Wakes it while nobody projects. */
const wakeUnseen = async (run: string) => {
  expect((await platform.post(`/v1/runs/${run}/skip`, { step: 'nap#0' })).status).toBe(202)
}

test('so many runs go at once as the limit says', async () => {
  await napping('limited', { concurrency: { policy: 'limit', limit: 2 } })
  const runs = [await begin('limited'), await begin('limited'), await begin('limited')]
  await naps(runs[0]!.id)
  await naps(runs[1]!.id)
  expect(await read(runs[2]!.id)).toMatchObject({ state: 'queued', waitsFor: 'limited' })
  await wake(runs[1]!.id)
  await wake(runs[2]!.id)
  await wake(runs[0]!.id)
})

test('with `skip`, a run that finds another at work is passed over and says so', async () => {
  await napping('skipping', { concurrency: { policy: 'skip' } })
  const first = await begin('skipping')
  await naps(first.id)
  const second = await begin('skipping')
  expect(await untilState(platform, second.id, 'cancelled', 'completed')).toBe('cancelled')
  expect(await read(second.id)).toMatchObject({ outcome: 'skipped', startedAt: null })
  await wake(first.id)
  await wake((await begin('skipping')).id)
})

test('with `latest`, the newest takes the place of the one at work and of those that wait', async () => {
  await napping('latest', { concurrency: { policy: 'latest' } })
  const first = await begin('latest')
  await naps(first.id)
  const second = await begin('latest')
  const third = await begin('latest')
  expect(await untilState(platform, first.id, 'cancelled', 'completed')).toBe('cancelled')
  expect(await untilState(platform, second.id, 'cancelled', 'completed')).toBe('cancelled')
  // each says which newer one took its place
  expect(await read(second.id)).toMatchObject({ outcome: 'superseded', supersededBy: third.id })
  expect(await read(first.id)).toMatchObject({ outcome: 'superseded', supersededBy: expect.stringMatching(/^run_/) })
  await wake(third.id)
  expect(await read(third.id)).toMatchObject({ supersededBy: null })
  const { items } = await platform.get<{ items: Event[] }>(`/v1/events?subject=${first.id}&type=run_cancel_asked`)
  expect(items.map(({ data }) => data['reason'])).toEqual([expect.stringContaining('takes its place')])
})

test('a run that fails is followed by a run of the automation that its settings name, once, and that one by nothing', async () => {
  const tells = drawing([code('tell', 'throw new Error("cannot tell")'), end], chain('start', 'tell', 'end'), {
    settings: { onFailure: 'tells' },
  })
  await put('tells', tells)
  await put(
    'breaks',
    drawing([code('break', 'throw new Error("broken")'), end], chain('start', 'break', 'end'), {
      settings: { onFailure: 'tells' },
    }),
  )
  const run = await begin('breaks', { deal: 7 })
  expect(await untilState(platform, run.id, 'failed', 'completed')).toBe('failed')
  const follower = await until('a run follows', async () => {
    const { items } = await platform.get<{ items: Run[] }>('/v1/runs?workflow=tells')
    return items[0]
  })
  expect(follower).toMatchObject({ follows: run.id })
  expect(await untilState(platform, follower.id, 'failed', 'completed')).toBe('failed')
  const { steps } = await platform.get<{ steps: Step[] }>(`/v1/runs/${follower.id}`)
  expect(steps).toHaveLength(1)
  const shown = await platform.get<{ events: { type?: string }[] }>(`/v1/runs/${follower.id}/history`)
  expect(JSON.stringify(shown)).toContain('"deal":7')
  expect(JSON.stringify(shown)).toMatch(/"message":"[^"]*broken/)
  // it has ended, and with it all that its end could have asked for
  expect((await platform.get<{ items: Run[] }>('/v1/runs?workflow=tells')).items).toHaveLength(1)
})

test('a step with a key gives what it gave before, for as long as it says, and never in tests', async () => {
  const cached = {
    ...code('ask', 'return input.n', { n: { cel: 'input.n' } }),
    cache: { key: { cel: 'input.key' }, for: '1h' },
  }
  const asking = (ask: Node) =>
    drawing([ask, { id: 'end', kind: 'end', with: { output: { cel: 'steps.ask' } } }], chain('start', 'ask', 'end'))
  await put('cached', asking(cached))
  const gives = async (started: Run) => {
    await untilState(platform, started.id, 'completed', 'failed')
    const { nodes } = await platform.get<RunCanvas>(`/v1/runs/${started.id}/canvas`)
    return nodes.find(({ node }) => node === 'ask')?.output
  }
  expect(await gives(await begin('cached', { key: 'k', n: 1 }))).toBe(1)
  expect(await gives(await begin('cached', { key: 'k', n: 2 }))).toBe(1)
  expect(await gives(await begin('cached', { key: 'l', n: 3 }))).toBe(3)
  const tested = await platform.post<Run>('/v1/automations/cached/test', { input: { key: 'k', n: 4 } })
  expect(tested).toMatchObject({ status: 201, body: { test: true } })
  expect(await gives(tested.body)).toBe(4)

  const change = async (ask: Node) => {
    const { revision } = await platform.get<{ revision: number }>('/v1/automations/cached')
    const saved = await platform.put<{ revision: number }>('/v1/automations/cached/draft', {
      definition: asking(ask),
      revision,
    })
    const published = await platform.post('/v1/automations/cached/publish', { revision: saved.body.revision })
    expect([saved.status, published.status]).toEqual([200, 200])
  }
  // another version: of a step that is as it was, and of one that does something else
  await change({ ...cached, title: 'Ask for it', cache: { ...cached.cache, for: '2h' } })
  expect(await gives(await begin('cached', { key: 'k', n: 5 }))).toBe(1)
  await change({ ...cached, with: { ...cached.with, source: 'return input.n * 10' } })
  expect(await gives(await begin('cached', { key: 'k', n: 6 }))).toBe(60)
  await change(cached)
  expect(await gives(await begin('cached', { key: 'k', n: 7 }))).toBe(1)
})

test('what is large lies beside the run and not in its history, and is seen on every screen as if it were there', async () => {
  const text = 'const words = []; for (let n = 0; n < 30000; n++) words.push("w" + n); return words.join(" ")'
  await put(
    'large',
    drawing(
      [
        code('make', text),
        code('read', 'return input.text.length', { text: { cel: 'steps.make' } }),
        { id: 'end', kind: 'end', with: { output: { cel: 'steps.read' } } },
      ],
      chain('start', 'make', 'read', 'end'),
    ),
  )
  const run = await begin('large', { filler: 'x'.repeat(50_000) })
  expect(await untilState(platform, run.id, 'completed', 'failed')).toBe('completed')
  const { temporalAddress: address, namespace } = platform
  const client = connectTemporal({ address, namespace, keys: [testKey] })
  const history = await readWholeHistory(client, run.id)
  const sizes = history.map((event) => JSON.stringify(event).length)
  expect(Math.max(...sizes)).toBeLessThan(largestInline)
  const { nodes } = await platform.get<RunCanvas>(`/v1/runs/${run.id}/canvas`)
  const outputOf = (node: string) => nodes.find((one) => one.node === node)?.output
  expect(outputOf('read')).toBe((outputOf('make') as string).length)
  expect(outputOf('read')).toBeGreaterThan(150_000)
  const { steps } = await platform.get<{ steps: Step[] }>(`/v1/runs/${run.id}`)
  const made = await platform.get<StepDetail>(`/v1/runs/${run.id}/steps/${steps[0]!.id}`)
  expect(made.output).toBe(outputOf('make'))
})

test.each([
  ['while (true) {}', '40ms', 1000, 'timed_out'],
  ['return 1', '1ms', 1000, 'timed_out'],
  ['while (true) {}', '20s', 40, 'code_timed_out'],
])(
  'of the time that code has and that its step has, the shorter counts: %s in %s',
  async (source, timeout, timeMs, as) => {
    const step: Node = {
      id: 'step',
      kind: 'code',
      with: { source, timeMs },
      timeout,
      retry: { attempts: 1 },
      errors: [as],
    }
    const late: Node = { id: 'late', kind: 'end', with: { outcome: 'late' } }
    const handle = `limits-${as.length}-${timeMs}-${timeout}`
    await put(
      handle,
      drawing([step, end, late], [...chain('start', 'step', 'end'), { from: 'step', port: `error:${as}`, to: 'late' }]),
    )
    const run = await begin(handle)
    expect(await untilState(platform, run.id, 'completed', 'failed')).toBe('completed')
    expect((await read(run.id)).outcome).toBe('late')
  },
)
