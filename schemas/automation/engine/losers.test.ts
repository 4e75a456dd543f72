import { expect, test } from 'vitest'
import { chain, definition, http, play } from '#test/harness/played.ts'
import type { Definition, Node } from '../definition.ts'

const undoing = (id: string): Partial<Node> => ({
  within: 'par',
  undo: { operation: 'dms.release_vehicle', input: { stock: id, for: 'Dana' } },
})

/** Two that hold a car each, the second of which goes on longer, and a step behind them. */
const racing = (until: 'race' | 'any'): Definition =>
  definition(
    [
      { id: 'start', kind: 'start' },
      { id: 'par', kind: 'parallel', with: { branches: [{ port: 'x' }, { port: 'y' }], until } },
      http('x', undoing('x')),
      http('y', undoing('y')),
      http('y2', { within: 'par' }),
      http('then'),
      { id: 'end', kind: 'end' },
    ],
    [
      ...chain('start', 'par', 'then', 'end'),
      { from: 'par', port: 'x', to: 'x' },
      { from: 'par', port: 'y', to: 'y' },
      ...chain('y', 'y2'),
    ],
  )
const undone = (acts: readonly string[]) => acts.filter((act) => act.includes(':undo'))
const slow = (url: string, fails: boolean) => {
  if (url === 'then' && fails) return { fail: 'lost' }
  return { ms: { x: 30, y: 10, y2: 1000 }[url] ?? 1 }
}

test.each(['race', 'any'] as const)(
  'what the losers of “%s” had done stays done while the run ends well',
  async (until) => {
    const { end, host } = await play(racing(until), (url) => slow(url, false))
    expect([end.end, undone(host.acts)]).toEqual(['completed', []])
  },
)

test.each(['race', 'any'] as const)(
  'what the losers of “%s” had done is undone when the run fails later, like all else',
  async (until) => {
    const { end, host } = await play(racing(until), (url) => slow(url, true))
    expect(end).toMatchObject({ end: 'failed', failing: { code: 'lost' }, undone: [{ node: 'x' }, { node: 'y' }] })
    expect(undone(host.acts)).toEqual(['x#0:undo dms.release_vehicle', 'y#0:undo dms.release_vehicle'])
  },
)
