import { expect, test } from 'vitest'
import type { Definition } from '#schemas/automation/definition.ts'
import type { LoopTurn, LoopTurns } from '#schemas/runs-turns.ts'
import type { CanvasNode, Step } from '#schemas/runs.ts'
import { keyOfLoop, keyOfTurn, withPages, type KnownPages } from './pages.ts'

const definition: Definition = {
  format: 1,
  name: 'T',
  nodes: [
    { id: 'outer', kind: 'loop' },
    { id: 'inner', kind: 'loop', within: 'outer' },
    { id: 'say', kind: 'map', within: 'inner' },
  ],
  edges: [],
}
const node = (id: string, iteration: string) => ({ node: id, iteration, state: 'completed', about: null }) as CanvasNode
const page = (run: string, loop: string, iteration: string) =>
  ({ id: `${run}:${loop}`, run, kind: 'child', node: loop, iteration }) as Step
const seen = (begun: [number, number], state: 'running' | 'completed' = 'completed'): LoopTurns => ({
  begun: [begun],
  failed: [],
  counts: {},
  nodes: {},
  pages: [{ run: 'page', first: 1, last: 500, state, takenOver: false }],
  counted: true,
})
const known = (loops: Record<string, LoopTurns>, turns: Record<string, LoopTurn> = {}): KnownPages => ({
  loops: new Map(Object.entries(loops)),
  turns: new Map(Object.entries(turns)),
})

test('a loop in pages is asked for, then the turn of it that is looked at, and that stands in its place', () => {
  const steps = [page('run', 'outer', '0')]
  const nodes = [node('outer', '0')]
  const first = withPages(definition, nodes, steps, new Map(), known({}))
  expect(first.loops).toEqual([{ run: 'run', loop: 'outer', within: '0', turn: undefined }])
  expect(first.nodes).toBe(nodes)

  const outer = { run: 'run', loop: 'outer', within: '0', turn: undefined }
  const loops = { [keyOfLoop(outer)]: seen([1, 700], 'running') }
  const newest = withPages(definition, nodes, steps, new Map(), known(loops))
  expect(newest.loops).toEqual([{ ...outer, turn: 700 }])
  expect(newest.workers.size).toBe(0)
  // one that has not begun is none
  expect(withPages(definition, nodes, steps, new Map([['outer', 701]]), known(loops)).loops).toEqual([
    { ...outer, turn: 700 },
  ])

  // its pages may have pages: those of the run that worked through the turn
  const turns = {
    [keyOfTurn({ ...outer, turn: 3 })]: {
      run: 'page',
      nodes: [node('inner', '3')],
      steps: [page('page', 'inner', '3')],
    },
  }
  const third = withPages(definition, nodes, steps, new Map([['outer', 3]]), known(loops, turns))
  expect(third.nodes.map(({ node: id, iteration }) => `${id}#${iteration}`)).toEqual(['outer#0', 'inner#3'])
  expect(third.loops).toEqual([
    { ...outer, turn: 3 },
    { run: 'page', loop: 'inner', within: '3', turn: undefined },
  ])
  expect(third.workers).toEqual(new Map([['outer', { run: 'page', closed: false }]]))

  const small = withPages(definition, [node('outer', '0'), node('inner', '1')], [], new Map(), known(loops))
  expect([small.loops, small.counted.size]).toEqual([[], 0])

  // in one turn around it goes on in pages, in another it does not
  const inPages = [page('run', 'inner', '2')]
  const nested = [node('outer', '0'), node('inner', '1'), node('say', '1.1'), node('inner', '2')]
  expect(withPages(definition, nested, inPages, new Map([['outer', 1]]), known({})).loops).toEqual([])
  expect(withPages(definition, nested, inPages, new Map([['outer', 2]]), known({})).loops).toMatchObject([
    { within: '2' },
  ])
})
