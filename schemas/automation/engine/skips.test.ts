import { expect, test } from 'vitest'
import { chain, definition, http, play } from '#test/harness/played.ts'
import type { Definition, Node } from '../definition.ts'

const start: Node = { id: 'start', kind: 'start' }
const branching = (node: Node, ...ports: string[]): Definition =>
  definition(
    [start, http('first'), node, ...ports.map((port): Node => ({ id: port, kind: 'end', with: { outcome: port } }))],
    [...chain('start', 'first', node.id), ...ports.map((port) => ({ from: node.id, port, to: port }))],
  )
const approval = branching({ id: 'd', kind: 'approval', with: { ask: 'Pay?' } }, 'approved', 'rejected')
const decision = branching({ id: 'd', kind: 'decision', with: { cases: [{ port: 'yes', when: true }] } }, 'yes', 'else')

test('a step that waits for a person goes on by the way that is said when it is skipped', async () => {
  for (const way of ['approved', 'rejected']) {
    const { end } = await play(approval, undefined, {}, (engine, host) => host.at(5000, () => engine.skip('d#0', way)))
    expect(end).toMatchObject({ end: 'completed', outcome: way })
  }
})

test('a step that is skipped ahead goes by the way that was said, also in a later history; unsaid, by its first', async () => {
  const outcome = async (way?: string, most?: number) => {
    const { end, engines } = await play(decision, undefined, {}, (engine) => engine.skip('d#0', way ?? null), most)
    return [(end as { outcome?: string | null }).outcome, engines]
  }
  expect(await outcome('else')).toEqual(['else', 1])
  expect(await outcome('else', 1)).toEqual(['else', 2])
  expect(await outcome()).toEqual(['yes', 1])
  expect(await outcome(undefined, 1)).toEqual(['yes', 2])
})
