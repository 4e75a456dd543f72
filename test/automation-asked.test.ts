import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Approval } from '#schemas/approvals.ts'
import type { Event } from '#schemas/audit.ts'
import type { Definition, Node } from '#schemas/automation/definition.ts'
import type { Run, RunCanvas, Step, TakenOver } from '#schemas/runs.ts'
import { chain, code, drawing, install, nap } from './harness/drawn.ts'
import { untilState } from './harness/lead.ts'
import { startPlatform, type Platform } from './harness/platform.ts'
import { sandboxAt } from './harness/sandbox.ts'
import { until } from './harness/until.ts'

let platform: Platform
beforeAll(async () => {
  platform = await startPlatform()
})
afterAll(() => platform[Symbol.asyncDispose]())

type Refused = { code?: string; detail?: string }
const put = (handle: string, definition: Definition) => install(platform.database.db, platform.ctx, definition, handle)
const begin = async (handle: string, input: object = {}) => {
  const { body } = await platform.post<Run>(`/v1/automations/${handle}/runs`, { input })
  await untilState(platform, body.id, 'running', 'waiting', 'completed', 'failed', 'cancelled')
  return body
}
const read = async (run: string) => (await platform.get<{ run: Run }>(`/v1/runs/${run}`)).run
const canvas = (run: string) => platform.get<RunCanvas>(`/v1/runs/${run}/canvas`)
const at = (run: string, node: string, state = 'running') =>
  until(`${node} of ${run} is ${state}`, async () =>
    (await canvas(run)).nodes.find((one) => one.node === node && one.state === state),
  )
const ends = (run: string) => untilState(platform, run, 'completed', 'failed', 'cancelled')
const ask = (run: string, act: string, asked: object = {}) =>
  platform.post<Run & Refused>(`/v1/runs/${run}/${act}`, asked)
const end = (id = 'end', more: Partial<Node> = {}): Node => ({ id, kind: 'end', with: { outcome: id }, ...more })

test.each(['latest', 'skip', 'serial'] as const)(
  'a test run and a live one of the policy “%s” leave each other alone',
  async (policy) => {
    await put(
      `alone-${policy}`,
      drawing([nap, end()], chain('start', 'nap', 'end'), { settings: { concurrency: { policy } } }),
    )
    const live = await begin(`alone-${policy}`)
    await at(live.id, 'nap')
    const tried = (await platform.post<Run>(`/v1/automations/alone-${policy}/test`, { input: {} })).body
    await untilState(platform, tried.id, 'running')
    await at(tried.id, 'nap')
    expect(tried).toMatchObject({ test: true, waitsFor: null })
    for (const run of [tried, live]) {
      expect((await ask(run.id, 'skip', { step: 'nap#0' })).status).toBe(202)
      expect(await ends(run.id)).toBe('completed')
      expect(await read(run.id)).toMatchObject({ outcome: 'end', supersededBy: null })
    }
  },
)

const asking = drawing(
  [{ id: 'ap', kind: 'approval', title: 'Pay?', with: { ask: 'Pay 10,000?' } }, end('paid'), end('kept')],
  [...chain('start', 'ap'), { from: 'ap', port: 'approved', to: 'paid' }, { from: 'ap', port: 'rejected', to: 'kept' }],
)
const approvalOf = (run: string) =>
  until('it asks', async () => {
    const { items } = await platform.get<{ items: Approval[] }>(`/v1/approvals?run=${run}&state=open`)
    return items[0]
  })
/** A key of these scopes, as a machine uses it. */
const keyWith = async (...scopes: string[]) => {
  const made = await platform.post<{ key: string }>('/v1/keys', { name: scopes.join(), scopes })
  expect(made.status).toBe(201)
  return async (path: string, body: object) => {
    const headers = { authorization: `Bearer ${made.body.key}`, 'content-type': 'application/json' }
    const reply = await fetch(`${platform.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
    return { status: reply.status, ...((await reply.json()) as Refused) }
  }
}

test('an approval is skipped by who may decide it, who says by which way, and by nobody else', async () => {
  await put('pays', asking)
  const run = await begin('pays')
  await approvalOf(run.id)
  const skip = `/v1/runs/${run.id}/skip`
  const runsOnly = await keyWith('runs:read', 'runs:write')
  const step = 'ap#0'
  expect(await runsOnly(skip, { step, way: 'approved' })).toMatchObject({ status: 403, code: 'forbidden' })
  expect((await canvas(run.id)).nodes.find(({ node }) => node === 'ap')).toMatchObject({ state: 'running' })
  expect((await approvalOf(run.id)).state).toBe('open')
  expect((await ask(run.id, 'skip', { step })).body.detail).toBe(
    '“Pay?” goes several ways: say by which to go on: approved, rejected.',
  )
  expect((await ask(run.id, 'skip', { step, way: 'out' })).body.detail).toContain('has no way out called “out”')
  expect((await ask(run.id, 'skip', { step, way: 'rejected', note: 'Sold elsewhere' })).status).toBe(202)
  expect(await ends(run.id)).toBe('completed')
  expect(await read(run.id)).toMatchObject({ outcome: 'kept' })
  const { items } = await platform.get<{ items: Approval[] }>(`/v1/approvals?run=${run.id}`)
  expect(items.map(({ state }) => state)).toEqual(['withdrawn'])
  const told = await platform.get<{ items: Event[] }>(`/v1/events?subject=${run.id}&type=run_controlled`)
  expect(told.items[0]?.data).toMatchObject({ do: 'skip', step, way: 'rejected', note: 'Sold elsewhere' })
})

test('an approval that waits for others is not skipped by who may decide others', async () => {
  const owners = { ask: 'Pay 10,000?', assignees: { role: 'owner' } }
  await put('pays-owner', {
    ...asking,
    nodes: asking.nodes.map((one) => (one.id === 'ap' ? { ...one, with: owners } : one)),
  })
  const run = await begin('pays-owner')
  await approvalOf(run.id)
  const decides = await keyWith('runs:write', 'approvals:decide')
  const asked = { step: 'ap#0', way: 'approved', note: 'It is urgent' }
  expect(await decides(`/v1/runs/${run.id}/skip`, asked)).toMatchObject({ status: 403, code: 'not_assigned' })
  expect((await approvalOf(run.id)).state).toBe('open')
  await ask(run.id, 'cancel')
  await ends(run.id)
})

test('an approval that has asked nobody yet is not skipped ahead', async () => {
  const late = drawing([nap, ...asking.nodes.slice(1)], [...chain('start', 'nap', 'ap'), ...asking.edges.slice(1)])
  await put('pays-later', late)
  const run = await begin('pays-later')
  await at(run.id, 'nap')
  expect(await ask(run.id, 'skip', { step: 'ap#0', way: 'approved' })).toMatchObject({
    status: 409,
    body: { code: 'not_possible', detail: '“Pay?” is waiting for nobody now: skip it while it does.' },
  })
  await ask(run.id, 'cancel')
  await ends(run.id)
})

test('a test up to a step ends there, also where the result names a later one', async () => {
  const def = drawing([code('a', 'return 1'), code('b', 'return 2'), end()], chain('start', 'a', 'b', 'end'), {
    output: { b: { cel: 'steps.b' } },
  })
  await put('early', def)
  for (const part of [{ until: 'a' }, { only: 'a' }]) {
    const run = (await platform.post<Run>('/v1/automations/early/test', { input: {}, ...part })).body
    expect(await ends(run.id)).toBe('completed')
    expect((await canvas(run.id)).nodes.find(({ node }) => node === 'a')).toMatchObject({ state: 'completed' })
  }
})

const holding = (input: Definition['input']): Definition =>
  drawing(
    [
      code('before', 'return Date.now()'),
      {
        id: 'hold',
        kind: 'action',
        title: 'Hold it',
        with: { operation: 'crm.create_task', input: { title: 'Hold it' } },
        undo: { operation: 'crm.create_task', input: { title: 'Let it go' } },
      },
      {
        ...code('c', 'if (input.ok !== true) throw new Error("no"); return 1', { ok: { cel: 'input.ok' } }),
        retry: { attempts: 1 },
      },
      end('end', { with: { outcome: 'done', output: { before: { cel: 'steps.before' } } } }),
    ],
    chain('start', 'before', 'hold', 'c', 'end'),
    input === undefined ? {} : { input },
  )

test('what a failed run has undone is done again by the run that takes over the rest, and undone again', async () => {
  await put('holds', holding(undefined))
  const first = await begin('holds')
  expect(await ends(first.id)).toBe('failed')
  const stepsOf = async (run: string) => (await platform.get<{ steps: Step[] }>(`/v1/runs/${run}`)).steps
  const undone = (run: string) =>
    until('it is undone', async () => (await stepsOf(run)).find((step) => step.undoes && step.state === 'completed'))
  await undone(first.id)
  const second = (await platform.post<Run>(`/v1/runs/${first.id}/rerun`, { from: 'failure' })).body
  expect(await ends(second.id)).toBe('failed')
  const states = Object.fromEntries((await canvas(second.id)).nodes.map(({ node, state }) => [node, state]))
  expect(states).toMatchObject({ before: 'seeded', hold: 'completed', c: 'failed' })
  await undone(second.id)
  const { takenOver } = await platform.get<{ takenOver: TakenOver[] }>(`/v1/runs/${second.id}`)
  expect(takenOver.map(({ node }) => node)).toEqual(['before'])
  // outside it is done and undone for each of them: what is done again is not taken for what was undone
  const third = (await platform.post<Run>(`/v1/runs/${second.id}/rerun`, { from: 'failure' })).body
  expect(await ends(third.id)).toBe('failed')
  await undone(third.id)
  const { tasks } = await sandboxAt(platform.sandboxUrl).truth()
  const titles = tasks.map(({ properties }) => String(properties['hs_task_subject']))
  expect(titles.toSorted((a, b) => a.localeCompare(b))).toEqual([
    ...Array(3).fill('Hold it'),
    ...Array(3).fill('Let it go'),
  ])
})

test('many runs are run again from a node, with another input, in a version that is named', async () => {
  const input = { type: 'object', properties: { ok: { type: 'boolean' } } }
  const version = await put('many', holding(input))
  await put('other', { ...holding(input), name: 'Another' })
  const [one, other] = [await begin('many'), await begin('other')]
  for (const { id } of [one, other]) expect(await ends(id)).toBe('failed')
  const batch = (how: object) =>
    platform.post<{ id: string } & Refused>('/v1/batches', {
      act: 'rerun',
      filter: { runs: [one.id, other.id] },
      how,
      perMinute: 6000,
    })
  expect((await batch({ from: 'failure', inputs: {} })).status).toBe(422)
  expect((await batch({ version: 'v1' })).status).toBe(422)
  const how = { from: { node: 'hold' }, version: version.version, input: { ok: true } }
  const made = await batch(how)
  expect(made.status).toBe(201)
  const seen = await until('it is through', async () => {
    const it = await platform.get<{
      batch: { state: string; how: object }
      items: { run: string; newRun: string; refused: string }[]
    }>(`/v1/batches/${made.body.id}`)
    return it.batch.state === 'completed' ? it : undefined
  })
  expect(seen.batch.how).toMatchObject(how)
  // the version is of one automation: the run of the other is refused and holds up nobody
  const byRun = Object.fromEntries(seen.items.map((item) => [item.run, item]))
  const again = byRun[one.id]?.newRun ?? ''
  expect(await ends(again)).toBe('completed')
  expect((await canvas(again)).nodes.find(({ node }) => node === 'before')).toMatchObject({ state: 'seeded' })
  expect(byRun[other.id]).toMatchObject({ newRun: null, refused: 'There is no such version.' })
  const odd = await batch({ input: { ok: 'yes' } })
  const refused = await until('it is through too', async () => {
    const it = await platform.get<{ items: { refused: string | null }[] }>(`/v1/batches/${odd.body.id}`)
    return it.items[0]
  })
  expect(refused.refused).toContain('takes another input')
})
