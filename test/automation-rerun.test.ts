import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Definition, Node } from '#schemas/automation/definition.ts'
import type { Run, RunCanvas, Step, TakenOver } from '#schemas/runs.ts'
import { chain, code, drawing, install } from './harness/drawn.ts'
import { untilState } from './harness/lead.ts'
import { startPlatform, type Platform } from './harness/platform.ts'
import { sandboxAt } from './harness/sandbox.ts'

let platform: Platform
beforeAll(async () => {
  platform = await startPlatform()
})
afterAll(() => platform[Symbol.asyncDispose]())

type Refused = { code?: string; detail?: string }
const put = (handle: string, definition: Definition) => install(platform.database.db, platform.ctx, definition, handle)
const begin = async (handle: string, input: object = {}) => {
  const { status, body } = await platform.post<Run & Refused>(`/v1/automations/${handle}/runs`, { input })
  expect([status, body.detail]).toEqual([201, undefined])
  return body
}
const again = (run: string, how: object) => platform.post<Run & Refused>(`/v1/runs/${run}/rerun`, how)
const ends = (run: string) => untilState(platform, run, 'completed', 'failed', 'cancelled')
const nodesOf = async (run: string) => (await platform.get<RunCanvas>(`/v1/runs/${run}/canvas`)).nodes
const stepsOf = async (run: string) => (await platform.get<{ steps: Step[] }>(`/v1/runs/${run}`)).steps
const outputOf = async (run: string) => (await nodesOf(run)).find(({ node }) => node === 'end')?.output
const pagesOf = async (handle: string, parent: string) =>
  (await platform.get<{ items: Run[] }>(`/v1/runs?workflow=${handle}&limit=200`)).items.filter(
    (one) => one.parent === parent,
  )
const titlesOf = async (begin: string) =>
  (await sandboxAt(platform.sandboxUrl).truth()).tasks
    .flatMap(({ properties }) => properties['hs_task_subject'] ?? [])
    .filter((title) => title.startsWith(begin))
const end: Node = { id: 'end', kind: 'end', with: { output: { all: { cel: 'steps.each' } } } }
const task = (id: string, title: string, more: Partial<Node> = {}): Node => ({
  id,
  kind: 'action',
  with: { operation: 'crm.create_task', input: { title: { text: title } } },
  ...more,
})
/** Publishes another version in which one node is another one. */
const mend = async (id: string, definition: Definition, node: Node) => {
  const nodes = definition.nodes.map((one) => (one.id === node.id ? { ...node, within: one.within } : one))
  const { revision } = await platform.get<{ revision: number }>(`/v1/automations/${id}`)
  const asked = { definition: { ...definition, nodes }, revision }
  const saved = await platform.put<{ revision: number }>(`/v1/automations/${id}/draft`, asked)
  await platform.post(`/v1/automations/${id}/publish`, { revision: saved.body.revision })
}

const turns = drawing(
  [
    { id: 'each', kind: 'loop', with: { items: [1, 2, 3] } },
    task('note', 'turn {{ item }}', { within: 'each' }),
    {
      ...code('check', 'if (input.n === 2) throw new Error("not yet"); return input.n', { n: { cel: 'item' } }),
      within: 'each',
      retry: { attempts: 1 },
    },
    end,
  ],
  [...chain('start', 'each', 'end'), { from: 'each', port: 'each', to: 'note' }, ...chain('note', 'check')],
)

test('a run goes on in the turn and at the step that failed; turns before it are shown as taken over', async () => {
  const { id } = await put('turns', turns)
  const run = await begin('turns')
  expect(await ends(run.id)).toBe('failed')
  await mend(id, turns, code('check', 'return input.n * 10', { n: { cel: 'item' } }))
  const next = (await again(run.id, { from: 'failure', version: 'published' })).body
  expect(await ends(next.id)).toBe('completed')
  const states = Object.fromEntries((await nodesOf(next.id)).map((one) => [`${one.node}#${one.iteration}`, one.state]))
  expect(states).toMatchObject({
    'note#1': 'seeded',
    'check#1': 'seeded',
    'note#2': 'seeded',
    'check#2': 'completed',
    'note#3': 'completed',
    'each#0': 'completed',
  })
  expect((await nodesOf(next.id)).find(({ node, iteration }) => node === 'note' && iteration === '2')?.about).toBe('2')
  expect(await outputOf(next.id)).toEqual({ all: [1, 20, 30] })
  expect((await titlesOf('turn ')).toSorted()).toEqual(['turn 1', 'turn 2', 'turn 3'])
  const did = (await stepsOf(next.id))
    .filter(({ kind }) => kind === 'activity')
    .map(({ node, iteration }) => `${node}#${iteration}`)
  expect(did).toEqual(['check#2', 'note#3', 'check#3'])
  const { takenOver } = await platform.get<{ takenOver: TakenOver[] }>(`/v1/runs/${next.id}`)
  expect(takenOver).toEqual([])

  // and from any other step of the one that went on
  const named = (await again(next.id, { from: { node: 'check', iteration: '1' } })).body
  expect(await ends(named.id)).toBe('completed')
  expect(await outputOf(named.id)).toEqual({ all: [10, 20, 30] })
  expect((await stepsOf(named.id)).map(({ node, iteration }) => `${node}#${iteration}`)).toEqual(['check#1'])
  // a node without its turn stands for the whole loop
  const whole = (await again(next.id, { from: { node: 'check' } })).body
  expect(await ends(whole.id)).toBe('completed')
  expect((await stepsOf(whole.id)).filter(({ kind }) => kind === 'activity')).toHaveLength(6)
  const why = async (from: object) => (await again(next.id, { from })).body.detail
  expect(await why({ node: 'check', iteration: '9' })).toBe('The run never came to “check” in turn 9.')
  expect(await why({ node: 'check', iteration: '1.1' })).toBe('“check” is in a loop: say in which turn, such as 1.')
  expect(await why({ node: 'each', iteration: '1' })).toBe('“each” stands in no loop: name no turn.')
  expect(await why({ node: 'nobody' })).toBe('There is no node “nobody” in the version that ran.')
  expect((await again(next.id, { from: { node: 'check', iteration: '01' } })).status).toBe(422)
})

test('of a loop in pages only the page that failed goes on, in its turn; a page is not run again by itself', async () => {
  const items = Array.from({ length: 620 }, (_, n) => n)
  const paged = drawing(
    [
      { id: 'each', kind: 'loop', with: { items, concurrency: 100 } },
      { id: 'seen', kind: 'map', within: 'each', with: { items: [1], to: { cel: 'item' } } },
      {
        id: 'odd',
        kind: 'decision',
        within: 'each',
        with: { cases: [{ port: 'yes', when: { cel: 'index == 550' } }] },
      },
      task('tell', 'paged {{ index }}', { within: 'each' }),
      { ...code('check', 'throw new Error("not yet")'), within: 'each', retry: { attempts: 1 } },
      { ...end, with: { output: { all: { cel: 'size(steps.each)' } } } },
    ],
    [
      ...chain('start', 'each', 'end'),
      { from: 'each', port: 'each', to: 'seen' },
      ...chain('seen', 'odd'),
      { from: 'odd', port: 'yes', to: 'tell' },
      ...chain('tell', 'check'),
    ],
  )
  const { id } = await put('paged', paged)
  const run = await begin('paged')
  expect(await ends(run.id)).toBe('failed')
  const pages = await pagesOf('paged', run.id)
  expect((await Promise.all(pages.map(({ id: page }) => ends(page)))).toSorted()).toEqual(['completed', 'failed'])
  expect(await again(pages[0]!.id, {})).toMatchObject({
    status: 409,
    body: { code: 'not_possible', detail: 'These are turns of a loop of another run: run that one again.' },
  })
  await mend(id, paged, code('check', 'return "now"'))
  const next = (await again(run.id, { from: 'failure', version: 'published' })).body
  expect(await ends(next.id)).toBe('completed')
  expect(await outputOf(next.id)).toEqual({ all: 620 })
  // the first page may have come through after its run had failed: then it is gone through again, and does nothing
  const went = await pagesOf('paged', next.id)
  const [page, first] = [
    went.find(({ title }) => title.endsWith('501 to 620')),
    went.find(({ title }) => title.endsWith('1 to 500')),
  ]
  const seen = first === undefined ? [] : (await nodesOf(first.id)).filter(({ iteration }) => iteration !== '0')
  expect(seen.filter(({ state }) => state !== 'seeded' && state !== 'skipped')).toEqual([])
  const shown = await nodesOf(page!.id)
  const stateOf = (node: string, iteration: string) =>
    shown.find((one) => one.node === node && one.iteration === iteration)?.state
  expect([stateOf('seen', '551'), stateOf('tell', '551'), stateOf('check', '551')]).toEqual([
    'seeded',
    'seeded',
    'completed',
  ])
  expect(await titlesOf('paged ')).toEqual(['paged 550'])
})

test('a test that is run again is the same part on the same terms', async () => {
  await put(
    'trial',
    drawing(
      [task('x', 'trial x'), code('y', 'return 7'), task('z', 'trial z'), { id: 'end', kind: 'end' }],
      chain('start', 'x', 'y', 'z', 'end'),
    ),
  )
  const tried = async (part: object) =>
    (await platform.post<Run>('/v1/automations/trial/test', { input: {}, ...part })).body.id
  for (const part of [{ until: 'y', pins: { x: { id: '1' } } }, { only: 'y' }]) {
    const first = await tried(part)
    expect(await ends(first)).toBe('completed')
    for (const how of [{}, { from: { node: 'y' } }]) {
      const { id } = (await again(first, how)).body
      expect(await ends(id)).toBe('completed')
      expect((await stepsOf(id)).filter(({ kind }) => kind === 'activity').map(({ node }) => node)).toEqual(['y'])
    }
  }
  expect(await titlesOf('trial ')).toEqual([])
  const wrong = (part: object) => platform.post<Refused>('/v1/automations/trial/test', { input: {}, ...part })
  expect(await wrong({ pins: { q: 1 } })).toMatchObject({
    status: 404,
    body: { detail: expect.stringContaining('“q”') },
  })
  expect((await wrong({ until: 'y', only: 'y' })).status).toBe(422)
})

test('what no database holds of a text is refused at each door and left out of what steps give, and holds up nobody', async () => {
  const odd = 'a\u0000b\uD800c'
  const asks = drawing(
    [
      code('make', 'return "x\\u0000y"'),
      { id: 'ap', kind: 'approval', with: { ask: { text: 'Pay {{ steps.make }}?' } } },
      { id: 'paid', kind: 'end', with: { outcome: 'paid' } },
      { id: 'kept', kind: 'end', with: { outcome: 'kept' } },
    ],
    [
      ...chain('start', 'make', 'ap'),
      { from: 'ap', port: 'approved', to: 'paid' },
      { from: 'ap', port: 'rejected', to: 'kept' },
    ],
  )
  await put('odd', asks)
  const status = async (path: string, body: object) => (await platform.post(path, body)).status
  expect(await status('/v1/automations/odd/runs', { input: { text: odd } })).toBe(400)
  const run = await begin('odd')
  await untilState(platform, run.id, 'waiting')
  const { items } = await platform.get<{ items: { approval: string; ask: string }[] }>(`/v1/approvals?run=${run.id}`)
  const decide = `/v1/approvals/${items[0]!.approval}/decide`
  for (const more of [{ note: odd }, { text: odd }, { values: { text: odd } }])
    expect(await status(decide, { decision: 'approve', ...more })).toBe(400)
  const decided = await platform.post<{ state: string }>(decide, { decision: 'approve', note: 'fine' })
  expect(decided).toMatchObject({ status: 200, body: { state: 'approved' } })
  expect(await ends(run.id)).toBe('completed')

  await put('child', drawing([{ id: 'end', kind: 'end' }], chain('start', 'end')))
  const calls = drawing(
    [
      code('make', 'return "x\\u0000y"'),
      { id: 'sub', kind: 'subflow', with: { automation: 'child', input: { text: { cel: 'steps.make' } } } },
      { id: 'end', kind: 'end' },
    ],
    chain('start', 'make', 'sub', 'end'),
  )
  await put('calls', calls)
  const outer = await begin('calls')
  expect(await ends(outer.id)).toBe('completed')
  const waits = await begin('odd')
  await untilState(platform, waits.id, 'waiting')
  const skip = { step: 'ap#0', way: 'rejected' }
  expect(await status(`/v1/runs/${waits.id}/skip`, { ...skip, note: odd })).toBe(400)
  expect(await status(`/v1/runs/${waits.id}/skip`, skip)).toBe(202)
  const told = await platform.get<{ items: { data: object }[] }>(`/v1/events?subject=${waits.id}&type=run_controlled`)
  expect(told.items).toHaveLength(1)
  const cancelled = await begin('odd')
  await untilState(platform, cancelled.id, 'waiting')
  expect(await status(`/v1/runs/${cancelled.id}/cancel`, { reason: odd })).toBe(400)
  expect(await status(`/v1/runs/${cancelled.id}/cancel`, { reason: 'fine' })).toBe(202)
})
