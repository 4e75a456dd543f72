import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Definition, Node } from '#schemas/automation/definition.ts'
import { countIn } from '#schemas/automation/turns.ts'
import type { Problem } from '#schemas/http.ts'
import type { LoopTurn, LoopTurns } from '#schemas/runs-turns.ts'
import type { Run } from '#schemas/runs.ts'
import { chain, code, drawing, install, nap } from './harness/drawn.ts'
import { untilState } from './harness/lead.ts'
import { startPlatform, type Platform } from './harness/platform.ts'
import { until } from './harness/until.ts'

let platform: Platform
beforeAll(async () => {
  platform = await startPlatform()
})
afterAll(() => platform[Symbol.asyncDispose]())

const begin = async (handle: string, definition: Definition, input: object): Promise<string> => {
  await install(platform.database.db, platform.ctx, definition, handle)
  return (await platform.post<Run>(`/v1/automations/${handle}/runs`, { input })).body.id
}
const turnsOf = (run: string, loop: string, within = '0') =>
  platform.get<LoopTurns>(`/v1/runs/${run}/loops/${loop}?within=${within}`)
const turnAt = (run: string, loop: string, turn: number | string, within = '0') =>
  platform.get<LoopTurn>(`/v1/runs/${run}/loops/${loop}/turns/${turn}?within=${within}`)
const refusal = async (path: string) => {
  const reply = await fetch(`${platform.url}${path}`, { headers: { authorization: `Bearer ${platform.apiKey}` } })
  const { code, detail } = (await reply.json()) as Problem
  return { status: reply.status, code, detail }
}
/** All pages counted in, and closed. */
const settledTurns = (run: string, loop: string, within = '0') =>
  until('all turns are counted', async () => {
    const turns = await turnsOf(run, loop, within)
    return turns.counted && turns.pages.every(({ state }) => state === 'completed') ? turns : undefined
  })
const numbers = (count: number) => Array.from({ length: count }, (_, n) => n + 1)
const each = (more: Node['with']): Node => ({
  id: 'each',
  kind: 'loop',
  with: { items: { cel: 'input.items' }, ...more },
})
const taking: Partial<Definition> = { input: { type: 'object', properties: { items: { type: 'array' } } } }
const end: Node = { id: 'end', kind: 'end' }
const check = {
  ...code('check', 'if (input.n % 250 === 0 || input.all !== 1100) throw new Error("No."); return input.n', {
    n: { cel: 'item' },
    all: { cel: 'size(input.items)' },
  }),
  within: 'each',
}
const tell: Node = { id: 'tell', kind: 'map', within: 'each', with: { items: [1], to: { cel: 'steps.check' } } }

test('a loop in pages shows its turns as one of a few does: counted, with those that failed, each with its steps', async () => {
  const run = await begin(
    'paged',
    drawing(
      [each({ concurrency: 100, onFailure: 'collect' }), check, tell, end],
      [...chain('start', 'each', 'end'), { from: 'each', port: 'each', to: 'check' }, { from: 'check', to: 'tell' }],
      taking,
    ),
    { items: numbers(1100) },
  )
  expect(await untilState(platform, run, 'completed', 'failed')).toBe('completed')
  const turns = await settledTurns(run, 'each')
  expect(turns).toMatchObject({
    begun: [[1, 1100]],
    failed: [
      [250, 250],
      [500, 500],
      [750, 750],
      [1000, 1000],
    ],
    counts: { completed: 1096, failed: 4 },
    nodes: { check: { completed: 1096, failed: 4 }, tell: { completed: 1096 } },
  })
  expect(turns.pages.map(({ first, last }) => [first, last])).toEqual([
    [1, 500],
    [501, 1000],
    [1001, 1100],
  ])

  // on both sides of where pages meet, and what failed
  for (const [turn, page] of [
    [499, 0],
    [501, 1],
    [1100, 2],
  ] as const) {
    const one = await turnAt(run, 'each', turn)
    expect(one.run).toBe(turns.pages[page]?.run)
    expect(one.nodes.map(({ node, iteration, state }) => [node, iteration, state])).toEqual([
      ['check', `${turn}`, 'completed'],
      ['tell', `${turn}`, 'completed'],
    ])
    expect(one.nodes.map(({ output, about }) => [output, about])).toEqual([
      [turn, `${turn}`],
      [[turn], `${turn}`],
    ])
    expect(one.steps.map(({ node, iteration, attempts, run: of }) => [node, iteration, attempts.length, of])).toEqual([
      ['check', `${turn}`, 1, one.run],
    ])
  }
  const failed = await turnAt(run, 'each', 500)
  expect(failed.nodes).toMatchObject([
    { node: 'check', state: 'failed', failure: { message: expect.stringContaining('No.') } },
  ])
  expect(failed.steps).toMatchObject([{ node: 'check', state: 'failed' }])

  for (const turn of ['0', '1101', '1e3x', '-1', '1.5', 'each'])
    expect(await refusal(`/v1/runs/${run}/loops/each/turns/${turn}`)).toMatchObject({ status: 404, code: 'not_found' })
  expect(await refusal(`/v1/runs/${run}/loops/nothing`)).toMatchObject({
    status: 404,
    detail: expect.stringContaining('no loop'),
  })
  expect(await refusal(`/v1/runs/${run}/loops/check`)).toMatchObject({ status: 404 })
  expect(await refusal(`/v1/runs/${run}/loops/each?within=x`)).toMatchObject({ status: 400, code: 'bad_request' })
})

test('while pages are at work their turns are counted as they begin', async () => {
  const run = await begin(
    'slow',
    drawing(
      [each({ concurrency: 100 }), { ...nap, within: 'each' }, end],
      [...chain('start', 'each', 'end'), { from: 'each', port: 'each', to: 'nap' }],
      taking,
    ),
    { items: numbers(501) },
  )
  const turns = await until('both pages have begun', async () => {
    const now = await turnsOf(run, 'each').catch(() => undefined)
    return now?.begun.length === 2 ? now : undefined
  })
  expect(turns.failed).toEqual([])
  // the concurrency is divided among four pages at once, and the second has one item
  expect(turns.begun).toEqual([
    [1, 25],
    [501, 501],
  ])
  expect(turns.counts).toEqual({ running: 26 })
  expect(await turnAt(run, 'each', 501)).toMatchObject({ nodes: [{ node: 'nap', state: 'running', iteration: '501' }] })
  expect(await refusal(`/v1/runs/${run}/loops/each/turns/26`)).toMatchObject({
    status: 404,
    detail: 'This turn has not begun.',
  })
  // what a person passes over is asked of the page
  const { run: page } = await turnAt(run, 'each', 501)
  expect((await platform.post(`/v1/runs/${page}/skip`, { step: 'nap#501' })).status).toBe(202)
  await until('the turn is over', async () => {
    const { counts } = await turnsOf(run, 'each')
    return counts.completed === 1 ? counts : undefined
  })
  expect(await turnAt(run, 'each', 501)).toMatchObject({ nodes: [{ state: 'skipped' }] })
  await platform.post(`/v1/runs/${run}/cancel`)
})

test('a loop of a few, one in another and pages within a turn answer in the same way', async () => {
  const inner: Node = { id: 'inner', kind: 'loop', within: 'each', with: { items: { cel: 'item' } } }
  const run = await begin(
    'nested',
    drawing(
      [
        each({}),
        inner,
        { id: 'sum', kind: 'map', within: 'inner', with: { items: [1], to: { cel: 'loops.inner.item' } } },
        end,
      ],
      [
        ...chain('start', 'each', 'end'),
        { from: 'each', port: 'each', to: 'inner' },
        { from: 'inner', port: 'each', to: 'sum' },
      ],
      taking,
    ),
    { items: [[7, 8], numbers(502)] },
  )
  expect(await untilState(platform, run, 'completed', 'failed')).toBe('completed')
  const outer = await turnsOf(run, 'each')
  expect(outer).toMatchObject({ begun: [[1, 2]], counts: { completed: 2 }, pages: [], counted: true })
  expect(await turnsOf(run, 'inner', '1')).toMatchObject({
    begun: [[1, 2]],
    pages: [],
    nodes: { sum: { completed: 2 } },
  })
  const paged = await settledTurns(run, 'inner', '2')
  expect(paged).toMatchObject({ begun: [[1, 502]], nodes: { sum: { completed: 502 } } })
  expect(paged.pages).toHaveLength(2)
  expect(await turnAt(run, 'inner', 502, '2')).toMatchObject({
    run: paged.pages[1]?.run,
    nodes: [{ node: 'sum', iteration: '2.502', output: [502] }],
  })
  expect(await turnAt(run, 'each', 1)).toMatchObject({ run })
  expect((await turnAt(run, 'each', 1)).nodes.map(({ node, iteration }) => `${node}#${iteration}`)).toEqual([
    'inner#1',
    'sum#1.1',
    'sum#1.2',
  ])
  expect(countIn((await turnsOf(run, 'inner', '3')).begun)).toBe(0)
})

test('pages that a re-run took over whole are among its turns as taken over, and lead to the runs that worked them through', async () => {
  const loop: Node = { id: 'inner', kind: 'loop', within: 'each', with: { items: { cel: 'item' } } }
  const odd: Node = {
    id: 'odd',
    kind: 'decision',
    within: 'inner',
    with: { cases: [{ port: 'yes', when: { cel: 'loops.inner.item == 1050' } }] },
  }
  const stop = { ...code('stop', 'throw new Error("No.")'), within: 'inner', retry: { attempts: 1 } }
  const definition = drawing(
    [each({}), loop, odd, stop, end],
    [
      ...chain('start', 'each', 'end'),
      { from: 'each', port: 'each', to: 'inner' },
      { from: 'inner', port: 'each', to: 'odd' },
      { from: 'odd', port: 'yes', to: 'stop' },
    ],
    taking,
  )
  const first = await begin('again', definition, { items: [[1], numbers(1100)] })
  expect(await untilState(platform, first, 'completed', 'failed')).toBe('failed')
  const rerun = async (run: string) => {
    const { id } = (await platform.post<Run>(`/v1/runs/${run}/rerun`, { from: 'failure' })).body
    expect(await untilState(platform, id, 'completed', 'failed')).toBe('failed')
    return id
  }
  const of = async (run: string) => {
    const { pages } = await until('its pages are closed', async () => {
      const turns = await turnsOf(run, 'inner', '2')
      const open = turns.pages.some(({ state }) => state !== 'completed' && state !== 'failed')
      return turns.counted && !open ? turns : undefined
    })
    return pages
  }
  const second = await rerun(first)
  const before = await of(first)
  expect(before.map((page) => [page.first, page.last, page.takenOver])).toEqual([
    [1, 500, false],
    [501, 1000, false],
    [1001, 1100, false],
  ])
  const pages = await of(second)
  expect(pages.slice(0, 2)).toEqual(before.slice(0, 2).map((page) => ({ ...page, takenOver: true })))
  expect(pages.map(({ first: from }) => from)).toEqual([1, 501, 1001])
  expect(pages[2]).toMatchObject({ takenOver: false, state: 'failed' })
  expect(pages[2]?.run).not.toBe(before[2]?.run)
  const seen = await turnsOf(second, 'inner', '2')
  expect(seen).toMatchObject({ begun: [[1, 1050]], failed: [[1050, 1050]] })
  expect(seen.nodes['odd']).toEqual({ seeded: 1050 })
  expect(await turnAt(second, 'inner', 7, '2')).toMatchObject({
    run: before[0]?.run,
    nodes: [
      { node: 'odd', iteration: '2.7', state: 'seeded' },
      { node: 'stop', state: 'skipped' },
    ],
  })
  // of one that repeats this one too, over both
  const third = await of(await rerun(second))
  expect(third.map(({ run, takenOver }) => [run, takenOver])).toEqual([
    [before[0]?.run, true],
    [before[1]?.run, true],
    [expect.any(String), false],
  ])
  // nothing is taken over of a loop that begins anew
  const { id: anew } = (await platform.post<Run>(`/v1/runs/${first}/rerun`, { from: 'start' })).body
  expect(await untilState(platform, anew, 'completed', 'failed')).toBe('failed')
  expect((await of(anew)).map(({ takenOver }) => takenOver)).toEqual([false, false, false])
})
