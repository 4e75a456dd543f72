import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Node } from '#schemas/automation/definition.ts'
import type { Run, RunCanvas, Step, TakenOver } from '#schemas/runs.ts'
import { chain, code, drawing, install, nap } from './harness/drawn.ts'
import { decideRun, sendLead, untilState } from './harness/lead.ts'
import { startPlatform, type Platform } from './harness/platform.ts'
import { sandboxAt } from './harness/sandbox.ts'
import { until } from './harness/until.ts'

let platform: Platform
beforeAll(async () => {
  platform = await startPlatform()
})
afterAll(() => platform[Symbol.asyncDispose]())

const canvas = (run: string) => platform.get<RunCanvas>(`/v1/runs/${run}/canvas`)
const stateOf = (shown: RunCanvas, node: string) => shown.nodes.find((one) => one.node === node)?.state
const begin = async (automation: string, input: object = {}) =>
  (await platform.post<Run>(`/v1/automations/${automation}/runs`, { input })).body
const ends = (run: string) => untilState(platform, run, 'completed', 'failed', 'cancelled')
const control = (run: string, act: string, asked: object = {}) =>
  platform.post<{ code?: string; detail?: string }>(`/v1/runs/${run}/${act}`, asked)
const again = async (run: string, how: object) => (await platform.post<Run>(`/v1/runs/${run}/rerun`, how)).body

test('the drawing of a lead shows each node where it got to, those without events too', async () => {
  const { run } = await sendLead(platform, 'canvas-1')
  await untilState(platform, run, 'waiting')
  const open = await canvas(run)
  expect(open).toMatchObject({ versionNumber: 1, definition: { name: 'Lead response' }, paused: false })
  expect([stateOf(open, 'by_model'), stateOf(open, 'approve'), stateOf(open, 'send')]).toEqual([
    'completed',
    'running',
    undefined,
  ])
  await decideRun(platform, run, 'approve')
  await ends(run)
  const shown = await canvas(run)
  expect(stateOf(shown, 'rules')).toBe('skipped')
  expect(stateOf(shown, 'rejected')).toBe('skipped')
  expect(shown.nodes.find((one) => one.node === 'end_sent')).toMatchObject({ state: 'completed' })
})

test('input that is not of the declared shape is refused with where and why, and starts nothing', async () => {
  await install(
    platform.database.db,
    platform.ctx,
    drawing([{ id: 'end', kind: 'end' }], chain('start', 'end'), {
      input: { type: 'object', properties: { vin: { type: 'string' } }, required: ['vin'] },
    }),
    'needs-vin',
  )
  const refused = await platform.post<{ code: string; issues: { path: string }[] }>('/v1/automations/needs-vin/runs', {
    input: { vin: 7 },
  })
  expect(refused).toMatchObject({ status: 422, body: { code: 'input_invalid', issues: [{ path: '/input/vin' }] } })
  expect((await platform.get<{ items: Run[] }>('/v1/runs?workflow=needs-vin')).items).toEqual([])
})

test('a run that failed is run again from where it failed, in the version that mends it, and takes over the rest', async () => {
  const first = drawing(
    [
      { id: 'count', kind: 'set', with: { values: { n: 7 } } },
      code('a', 'return { at: Date.now() }'),
      { ...code('off', 'return 1'), disabled: true },
      code('b', 'throw new Error("not yet")'),
      {
        id: 'end',
        kind: 'end',
        with: { output: { at: { cel: 'steps.a.at' }, b: { cel: 'steps.b' }, n: { cel: 'vars.n' } } },
      },
    ],
    chain('start', 'count', 'a', 'off', 'b', 'end'),
    { variables: [{ name: 'n', type: 'number' }] },
  )
  const version = await install(platform.database.db, platform.ctx, first, 'mended')
  const run = await begin('mended')
  expect(await ends(run.id)).toBe('failed')
  const failed = (await canvas(run.id)).nodes
  const at = failed.find((one) => one.node === 'a')?.output as { at: number }
  expect(failed.find((one) => one.node === 'off')).toMatchObject({ state: 'disabled', startedAt: null, output: null })

  const mended = { ...first, nodes: first.nodes.map((node) => (node.id === 'b' ? code('b', 'return "now"') : node)) }
  const { revision } = await platform.get<{ revision: number }>(`/v1/automations/${version.id}`)
  const saved = await platform.put<{ revision: number }>(`/v1/automations/${version.id}/draft`, {
    definition: mended,
    revision,
  })
  expect(saved.status).toBe(200)
  expect((await platform.post(`/v1/automations/${version.id}/publish`, { revision: saved.body.revision })).status).toBe(
    200,
  )

  const same = await again(run.id, { from: 'failure' })
  expect(await ends(same.id)).toBe('failed')
  const next = await again(run.id, { from: 'failure', version: 'published' })
  expect(next).toMatchObject({ rerunOf: run.id, versionNumber: 2 })
  expect(await ends(next.id)).toBe('completed')
  const shown = await canvas(next.id)
  expect(['a', 'off', 'b'].map((node) => stateOf(shown, node))).toEqual(['seeded', 'disabled', 'completed'])
  const { result } = await until('the result is there', async () => ({
    result: shown.nodes.find((one) => one.node === 'end')?.output,
  }))
  expect(result).toEqual({ at: at.at, b: 'now', n: 7 })
  const { takenOver } = await platform.get<{ takenOver: TakenOver[] }>(`/v1/runs/${next.id}`)
  expect(takenOver).toEqual([
    { node: 'count', title: 'count' },
    { node: 'a', title: 'a' },
  ])
  expect(await platform.get(`/v1/runs/${run.id}`)).toMatchObject({ takenOver: [] })

  // one that is given another input begins with that, and takes over the rest
  const other = await again(run.id, { from: 'failure', version: 'published', input: { changed: true } })
  await ends(other.id)
  const begun = (await canvas(other.id)).nodes
  expect(begun.find((one) => one.node === 'start')).toMatchObject({ state: 'completed', output: { changed: true } })
  expect(begun.find((one) => one.node === 'a')).toMatchObject({ state: 'seeded' })

  await platform.post(`/v1/automations/${version.id}/archive`, {})
  expect(await platform.post(`/v1/runs/${run.id}/rerun`, {})).toMatchObject({
    status: 409,
    body: { code: 'automation_archived', detail: expect.stringContaining('restore it') },
  })
})

test('a run is paused, stepped and resumed, a node is skipped, a variable changed, and each is in the audit log', async () => {
  const def = drawing(
    [
      nap,
      code('a', 'return input.n', { n: { cel: 'vars.n' } }),
      code('b', 'return 2'),
      { id: 'end', kind: 'end', with: { output: { a: { cel: 'steps.a' } } } },
    ],
    chain('start', 'nap', 'a', 'b', 'end'),
    {
      variables: [{ name: 'n', type: 'number', initial: 1 }],
    },
  )
  await install(platform.database.db, platform.ctx, def, 'controlled')
  const { id } = await begin('controlled')
  await until('it naps', async () => stateOf(await canvas(id), 'nap') === 'running')
  const why = async (act: string, asked: object = {}) => {
    const { status, body } = await control(id, act, asked)
    expect([status, body.code]).toEqual([409, 'not_possible'])
    return body.detail
  }
  expect(await why('resume')).toBe('This run is not paused.')
  expect(await control(id, 'pause')).toMatchObject({ status: 202, body: { state: 'running', paused: true } })
  expect(await why('pause')).toBe('This run is paused already.')
  expect((await control(id, 'variables', { name: 'n', value: 41 })).status).toBe(202)
  expect(await why('variables', { name: 'other', value: 1 })).toBe('There is no variable “other”.')
  expect(await why('variables', { name: 'n', value: 'many' })).toBe('“n” holds a number, and this is a text.')
  expect(await why('skip', { step: 'nobody#0' })).toBe('There is no step “nobody” in the version that runs.')
  expect(await why('retry', { step: 'nap#0' })).toBe('This step is not being tried at the moment.')
  expect((await control(id, 'skip', { step: 'nap#0' })).status).toBe(202)
  await until('it is paused before a', async () => {
    const shown = await canvas(id)
    return shown.paused && stateOf(shown, 'nap') === 'skipped' && stateOf(shown, 'a') === undefined
  })
  expect(await why('skip', { step: 'nap#0' })).toBe('“nap” is through already.')
  const paused = async () => (await platform.get<{ items: Run[] }>('/v1/runs?state=paused')).items.map((one) => one.id)
  expect(await paused()).toEqual([id])
  const wish = { act: 'cancel', filter: { state: 'paused' } }
  expect((await platform.post<{ total: number }>('/v1/batches/preview', wish)).body.total).toBe(1)
  expect(await control(id, 'step')).toMatchObject({ status: 202, body: { paused: true } })
  await until('a has run', async () => stateOf(await canvas(id), 'a') === 'completed')
  expect(stateOf(await canvas(id), 'b')).toBeUndefined()
  expect(await control(id, 'resume')).toMatchObject({ status: 202, body: { paused: false } })
  expect(await paused()).toEqual([])
  expect(await ends(id)).toBe('completed')
  expect((await canvas(id)).nodes.find((one) => one.node === 'end')?.output).toEqual({ a: 41 })
  const { items } = await platform.get<{ items: { type: string; data: { do?: string } }[] }>(
    `/v1/events?subject=${id}&limit=50`,
  )
  expect(
    items
      .filter((one) => one.type === 'run_controlled')
      .map((one) => one.data.do)
      .toReversed(),
  ).toEqual(['pause', 'variables', 'skip', 'step', 'resume'])
  expect((await control(id, 'pause')).body).toMatchObject({ code: 'run_closed' })
  // the timeline and the drawing say who asked for what
  const { steps } = await platform.get<{ steps: Step[] }>(`/v1/runs/${id}`)
  expect(steps.filter(({ kind }) => kind === 'update').map(({ title, part }) => [title, part])).toEqual([
    ['Paused by test', null],
    ['“n” changed by test', null],
    ['Skipped by test', 'nap'],
    ['One step let on by test', null],
    ['Resumed by test', null],
  ])
  expect(steps.find(({ node }) => node === 'nap')).toMatchObject({ kind: 'timer', skippedBy: 'test' })
  expect(steps.find(({ node }) => node === 'a')).toMatchObject({ skippedBy: null })
  expect((await canvas(id)).nodes.find(({ node }) => node === 'nap')).toMatchObject({
    state: 'skipped',
    skippedBy: 'test',
  })
})

test('a subflow is a run of its own that tells its parent what it came to; one too deep is refused', async () => {
  const inner = drawing(
    [{ id: 'end', kind: 'end', with: { outcome: 'found', output: { twice: { cel: 'input.n * 2' } } } }],
    chain('start', 'end'),
  )
  await install(platform.database.db, platform.ctx, inner, 'inner')
  const outer = drawing(
    [
      { id: 'sub', kind: 'subflow', with: { automation: 'inner', input: { n: { cel: 'input.n' } } } },
      {
        id: 'end',
        kind: 'end',
        with: { output: { n: { cel: 'steps.sub.output.twice' }, outcome: { cel: 'steps.sub.outcome' } } },
      },
    ],
    chain('start', 'sub', 'end'),
  )
  await install(platform.database.db, platform.ctx, outer, 'outer')
  const run = await begin('outer', { n: 21 })
  expect(await ends(run.id)).toBe('completed')
  expect((await canvas(run.id)).nodes.find((one) => one.node === 'end')?.output).toEqual({ n: 42, outcome: 'found' })
  const { items } = await platform.get<{ items: Run[] }>('/v1/runs?workflow=inner')
  expect(items).toMatchObject([{ parent: run.id, role: 'subflow' }])
  await until(
    'the inner run is closed',
    async () => (await untilState(platform, items[0]!.id, 'completed')) === 'completed',
  )

  const endless = drawing(
    [
      { id: 'sub', kind: 'subflow', with: { automation: 'endless' } },
      { id: 'end', kind: 'end' },
    ],
    chain('start', 'sub', 'end'),
  )
  await install(platform.database.db, platform.ctx, endless, 'endless')
  const deep = await begin('endless')
  expect(await ends(deep.id)).toBe('failed')
  const failed = await platform.get<{ run: Run }>(`/v1/runs/${deep.id}`)
  expect(failed.run.failure).toMatchObject({ code: 'subflow_too_deep' })
  expect((await platform.get<{ items: Run[] }>('/v1/runs?workflow=endless&limit=100')).items).toHaveLength(21)
})

test('a subflow that is called for each item writes for each, and nothing twice when all is run again', async () => {
  const task: Node = {
    id: 'task',
    kind: 'action',
    with: { operation: 'crm.create_task', input: { title: { text: 'part {{ input.n }}' } } },
  }
  const end: Node = { id: 'end', kind: 'end' }
  await install(platform.database.db, platform.ctx, drawing([task, end], chain('start', 'task', 'end')), 'part')
  const each: Node = { id: 'each', kind: 'loop', with: { items: [1, 2, 3], concurrency: 2 } }
  const sub: Node = {
    id: 'sub',
    kind: 'subflow',
    within: 'each',
    with: { automation: 'part', input: { n: { cel: 'item' } } },
  }
  const whole = drawing([each, sub, end], [...chain('start', 'each', 'end'), { from: 'each', port: 'each', to: 'sub' }])
  await install(platform.database.db, platform.ctx, whole, 'parts')
  const { id } = await begin('parts')
  expect(await ends(id)).toBe('completed')
  expect(await ends((await again(id, {})).id)).toBe('completed')
  const { tasks } = await sandboxAt(platform.sandboxUrl).truth()
  const titles = tasks
    .map(({ properties }) => properties['hs_task_subject'])
    .filter((title) => title?.startsWith('part '))
  expect(new Set(titles)).toEqual(new Set(['part 1', 'part 2', 'part 3']))
  expect(titles).toHaveLength(3)
})
