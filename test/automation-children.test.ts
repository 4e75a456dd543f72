import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Event } from '#schemas/audit.ts'
import type { Definition, Node } from '#schemas/automation/definition.ts'
import type { Run, RunCanvas, Step } from '#schemas/runs.ts'
import { connectTemporal } from '#temporal/client.ts'
import { messages } from '#temporal/names.ts'
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
const ask = (run: string, act: string, asked: object = {}) => platform.post<Run>(`/v1/runs/${run}/${act}`, asked)
const runsOf = async (query: string) => (await platform.get<{ items: Run[] }>(`/v1/runs?${query}`)).items
const paused = (run: string, is = true) =>
  until(`${run} is ${is ? '' : 'not '}paused`, async () => (await read(run)).paused === is)
const end = (id = 'end', more: Partial<Node> = {}): Node => ({ id, kind: 'end', with: { outcome: id }, ...more })

test('a paused run pauses its subflow and the pages of its loop, resuming wakes them, cancelling ends them', async () => {
  const inner = drawing([nap, code('after', 'return 1'), end()], chain('start', 'nap', 'after', 'end'))
  await put('inner', inner)
  const calls = drawing(
    [{ id: 'sub', kind: 'subflow', with: { automation: 'inner' } }, end()],
    chain('start', 'sub', 'end'),
  )
  await put('middle', calls)
  await put('outer', {
    ...calls,
    nodes: calls.nodes.map((one) => (one.id === 'sub' ? { ...one, with: { automation: 'middle' } } : one)),
  })
  const run = await begin('outer')
  const child = await until('the innermost is at it', async () => (await runsOf('workflow=inner'))[0])
  await at(child.id, 'nap')
  expect((await ask(run.id, 'pause')).body).toMatchObject({ paused: true })
  await paused(child.id)
  // its nap is over, and it begins nothing
  expect((await ask(child.id, 'skip', { step: 'nap#0' })).status).toBe(202)
  await at(child.id, 'nap', 'skipped')
  expect((await canvas(child.id)).nodes.some(({ node }) => node === 'after')).toBe(false)
  const told = await platform.get<{ items: Event[] }>(`/v1/events?subject=${child.id}&type=run_controlled`)
  expect(told.items.map(({ data }) => data['do'])).toEqual(['skip'])
  const { steps } = await platform.get<{ steps: Step[] }>(`/v1/runs/${child.id}`)
  expect(steps.find(({ kind }) => kind === 'signal')).toMatchObject({
    title: 'Paused by test',
    part: 'With the run around it',
  })
  expect((await ask(run.id, 'resume')).body).toMatchObject({ paused: false })
  expect(await ends(run.id)).toBe('completed')
  expect(await read(child.id)).toMatchObject({ state: 'completed', paused: false })

  const turns = Array.from({ length: 501 }, (_, n) => n)
  await put(
    'pages',
    drawing(
      [{ id: 'each', kind: 'loop', with: { items: turns, concurrency: 100 } }, { ...nap, within: 'each' }, end()],
      [...chain('start', 'each', 'end'), { from: 'each', port: 'each', to: 'nap' }],
    ),
  )
  const paged = await begin('pages')
  const page = await until('a page is at it', async () => {
    const [found] = (await runsOf('workflow=pages&role=page')).filter(({ parent }) => parent === paged.id)
    return found !== undefined && (await canvas(found.id)).nodes.some(({ node }) => node === 'nap') ? found : undefined
  })
  expect((await ask(paged.id, 'pause')).status).toBe(202)
  await paused(page.id)
  expect((await ask(paged.id, 'cancel')).status).toBe(202)
  expect([await ends(paged.id), await ends(page.id)]).toEqual(['cancelled', 'cancelled'])
})

test('a pause that was accepted reaches all that a run waits for, whoever dies then; so does its end', async () => {
  const inner = drawing([nap, code('after', 'return 1'), end()], chain('start', 'nap', 'after', 'end'))
  await put('far', inner)
  const calling = (automation: string) =>
    drawing([{ id: 'sub', kind: 'subflow', with: { automation } }, end()], chain('start', 'sub', 'end'))
  await put('near', calling('far'))
  await put('top', calling('near'))
  const tops = await Promise.all([begin('top'), begin('top'), begin('top')])
  const farOf = async (top: string) => {
    const near = (await runsOf('workflow=near')).find(({ parent }) => parent === top)
    return (await runsOf('workflow=far')).find(({ parent }) => parent === near?.id)?.id
  }
  const [first = '', mine = '', late = ''] = await Promise.all(
    tops.map(({ id }) => until('the innermost is there', () => farOf(id))),
  )
  for (const run of [first, mine, late]) await at(run, 'nap')
  // somebody holds back one of the innermost by itself
  expect((await ask(mine, 'pause')).status).toBe(202)

  const { temporalAddress: address, namespace } = platform
  const temporal = connectTemporal({ address, namespace, keys: [testKey] })
  /** What the api does first, as if it had died right then, and the worker with it. */
  const die = async (act: 'pause' | 'resume') => {
    const asked = { do: act, by: { id: 'user_1', name: 'Dana' } }
    const accepted = tops.map(({ id }) =>
      temporal.workflow.getHandle(id).startUpdate(messages.control, { args: [asked], waitForStage: 'ACCEPTED' }),
    )
    await Promise.all(accepted)
    await platform.kill('worker')
    await platform.start('worker')
  }
  await die('pause')
  for (const run of [first, mine, late, ...tops.map(({ id }) => id)]) await paused(run)
  expect((await canvas(first)).paused).toBe(true)
  const heldBack = (await runsOf('state=paused')).map(({ id }) => id)
  expect(heldBack).toEqual(expect.arrayContaining([first, mine, late]))
  // who resumes one of them by itself lets it on
  expect((await ask(late, 'resume')).body).toMatchObject({ paused: false })
  await die('resume')
  await paused(first, false)
  for (const { id } of tops) await paused(id, false)
  expect(await read(mine)).toMatchObject({ paused: true })
  for (const run of [first, mine, late]) expect((await ask(run, 'skip', { step: 'nap#0' })).status).toBe(202)
  expect(await ends(first)).toBe('completed')
  expect(await ends(late)).toBe('completed')
  await at(mine, 'nap', 'skipped')
  expect((await canvas(mine)).nodes.some(({ node }) => node === 'after')).toBe(false)
  expect((await ask(mine, 'resume')).status).toBe(202)
  for (const { id } of tops) expect(await ends(id)).toBe('completed')
  await temporal.connection.close()
})

test('a variable that is changed while a page is at work is seen by its turns from then on, whoever dies then', async () => {
  const first = { id: 'first', kind: 'decision', with: { cases: [{ port: 'yes', when: { cel: 'index == 0' } }] } }
  const items = Array.from({ length: 600 }, (_, n) => n)
  await put(
    'varied',
    drawing(
      [
        { id: 'each', kind: 'loop', with: { items, collect: { cel: 'vars.n' } } },
        { ...first, within: 'each' },
        { ...nap, within: 'each' },
        end('end', { with: { output: { read: { cel: 'steps.each' } } } }),
      ],
      [
        ...chain('start', 'each', 'end'),
        { from: 'each', port: 'each', to: 'first' },
        { from: 'first', port: 'yes', to: 'nap' },
      ],
      { variables: [{ name: 'n', type: 'number', initial: 1 }] },
    ),
  )
  const run = await begin('varied')
  const page = await until('a page is at it', async () =>
    (await runsOf('workflow=varied&role=page')).find(({ parent }) => parent === run.id),
  )
  await at(page.id, 'nap')
  const { temporalAddress: address, namespace } = platform
  const temporal = connectTemporal({ address, namespace, keys: [testKey] })
  const asked = { do: 'set', variable: 'n', value: 7, by: { id: 'user_1', name: 'Dana' } }
  await temporal.workflow
    .getHandle(run.id)
    .startUpdate(messages.control, { args: [asked], waitForStage: 'ACCEPTED' })
    .then(() => platform.kill('worker'))
  await platform.start('worker')
  await temporal.connection.close()
  await until('the page knows it', async () => (await canvas(page.id)).variables['n'] === 7)
  expect((await ask(page.id, 'skip', { step: 'nap#1' })).status).toBe(202)
  expect(await ends(run.id)).toBe('completed')
  const done = await canvas(run.id)
  expect(done.nodes.find(({ node }) => node === 'end')?.output).toEqual({ read: items.map(() => 7) })
  expect(done.variables).toEqual({ n: 7 })
  const { steps } = await platform.get<{ steps: Step[] }>(`/v1/runs/${page.id}`)
  expect(steps.filter(({ kind }) => kind === 'signal')).toMatchObject([
    { title: '“n” changed by Dana', part: 'In the run around it' },
  ])
})

test('what a run begins while it is being paused is paused too, or not begun', async () => {
  await put('leaf', drawing([nap, end()], chain('start', 'nap', 'end')))
  await put(
    'fans',
    drawing(
      [
        { id: 'each', kind: 'loop', with: { items: [1, 2, 3, 4, 5, 6], concurrency: 6 } },
        { id: 'sub', kind: 'subflow', within: 'each', with: { automation: 'leaf' } },
        end(),
      ],
      [...chain('start', 'each', 'end'), { from: 'each', port: 'each', to: 'sub' }],
    ),
  )
  const runs: string[] = []
  for (let n = 0; n < 4; n++) {
    const { id } = await begin('fans')
    runs.push(id)
    // at once, while its subflows are being asked for and begun
    expect((await ask(id, 'pause')).status).toBe(202)
  }
  const leaves = async (of: string) => (await runsOf('workflow=leaf&limit=200')).filter(({ parent }) => parent === of)
  const atIt = async (leaf: string) => (await canvas(leaf).catch(() => null))?.nodes.some(({ node }) => node === 'nap')
  for (const run of runs) for (const { id } of await leaves(run)) if (await atIt(id)) await paused(id)
  for (const run of runs) expect((await ask(run, 'resume')).status).toBe(202)
  for (const run of runs) {
    const all = await until('all are begun', async () => {
      const found = await leaves(run)
      return found.length === 6 ? found : undefined
    })
    for (const { id } of all) {
      await at(id, 'nap')
      await paused(id, false)
      expect((await ask(id, 'skip', { step: 'nap#0' })).status).toBe(202)
    }
    expect(await ends(run)).toBe('completed')
  }
})

test('a subflow that fails is begun again as a run of its own, and one that is given what it does not take is refused', async () => {
  const failing: Node[] = [
    { id: 'd', kind: 'decision', with: { cases: [{ port: 'yes', when: true }] } },
    { id: 'no', kind: 'raise', with: { code: 'busy', message: 'Not now' } },
    end(),
  ]
  const ways = [...chain('start', 'd'), { from: 'd', port: 'yes', to: 'no' }, { from: 'd', port: 'else', to: 'end' }]
  await put('fails', drawing(failing, ways))
  const retry = { attempts: 3, first: '10ms' }
  const calls = (automation: string, input: object = {}) =>
    drawing(
      [{ id: 'sub', kind: 'subflow', with: { automation, input: input as never }, retry }, end()],
      chain('start', 'sub', 'end'),
      { input: { type: 'object', properties: { q: {} } } },
    )
  await put('calls', calls('fails'))
  const run = await begin('calls')
  expect(await ends(run.id)).toBe('failed')
  const tries = await until('each try is told', async () => {
    const all = await runsOf('workflow=fails')
    return all.every(({ state }) => state === 'failed') ? all : undefined
  })
  expect(tries.map(({ parent }) => parent)).toEqual(Array(3).fill(run.id))
  expect((await canvas(run.id)).nodes.find(({ node }) => node === 'sub')).toMatchObject({ state: 'failed' })

  const number = { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] }
  await put('needs', drawing([end()], chain('start', 'end'), { input: number }))
  await put('gives', calls('needs', { n: { cel: 'input.q' } }))
  const wrong = await begin('gives', { q: 'text' })
  expect(await ends(wrong.id)).toBe('failed')
  expect((await read(wrong.id)).failure).toMatchObject({
    code: 'input_invalid',
    message: expect.stringContaining('takes another input. “n” has to be a number.'),
  })
  expect(await runsOf('workflow=needs')).toEqual([])
  const right = await begin('gives', { q: 7 })
  expect(await ends(right.id)).toBe('completed')
})

test('Temporal is told the priority of a run, however large its definition', async () => {
  const { temporalAddress: address, namespace } = platform
  const temporal = connectTemporal({ address, namespace, keys: [testKey] })
  const note: Node = { id: 'large', kind: 'note', with: { text: 'x'.repeat(4000) } }
  const notes = Array.from({ length: 30 }, (_, n) => ({ ...note, id: `large${n}` }))
  for (const [handle, more] of [
    ['small-first', []],
    ['large-first', notes],
  ] as const) {
    await put(handle, drawing([nap, end(), ...more], chain('start', 'nap', 'end'), { settings: { priority: 1 } }))
    const { id } = await begin(handle)
    const { raw } = await temporal.workflow.getHandle(id).describe()
    expect(raw.workflowExecutionInfo?.priority?.priorityKey).toBe(1)
    await ask(id, 'cancel')
    await ends(id)
  }
  await temporal.connection.close()
})
