import { expect, test } from 'vitest'
import { edgeId, type Definition } from '#schemas/automation/definition.ts'
import { templates } from '#schemas/templates/list.ts'
import { boxesOf, overlap, type Box } from '../shape.ts'
import { sample } from '../sample.ts'
import { tangles } from './tangles.ts'

const told = (definition: Definition): string[] =>
  tangles(definition).map(([one, other]) => `${edgeId(one)} across ${edgeId(other)}`)

test('connections that cannot but cross are told, once each', () => {
  const row = (ids: readonly string[], y: number) => ids.map((id, at) => ({ id, kind: 'set', at: { x: at * 400, y } }))
  // a step and those on both sides of it lead to the same three: no drawing of that is without a crossing
  const [from, to] = [
    ['a', 'b', 'c'],
    ['d', 'e', 'f'],
  ] as const
  const edges = from.flatMap((one) => to.map((other) => ({ from: one, to: other })))
  const found = told({ format: 1, name: 'Any', nodes: [...row(from, 0), ...row(to, 400)], edges })
  expect(found.length).toBeGreaterThan(0)
  expect(new Set(found).size).toBe(found.length)
  expect(told(sample())).toEqual([])
})

test('a connection that would be drawn across another goes another way where there is one', () => {
  const nodes = [
    { id: 'ask', kind: 'decision', with: { cases: [{ port: 'yes', when: { cel: 'true' } }] }, at: { x: 1000, y: 0 } },
    { id: 'far', kind: 'set', at: { x: 200, y: 700 } },
    { id: 'near', kind: 'set', at: { x: 740, y: 136 } },
  ]
  const edges = [
    { from: 'ask', port: 'yes', to: 'far' },
    { from: 'ask', port: 'else', to: 'near' },
  ]
  expect(told({ format: 1, name: 'Any', nodes, edges })).toEqual([])
})

/** Mail and call are both come to from the channel and from behind the text: drawn from top to bottom, two ways cross. */
const cannot = new Map([['reach-customer', ['channel:mail>mail across mailable:else>call']]])

test.each(templates.map(({ handle, definition }) => [handle, definition] as const))(
  'no connection of “%s” is drawn across another, and no step over one',
  (handle, definition) => {
    expect(told(definition)).toEqual(cannot.get(handle) ?? [])
    const boxes = boxesOf(definition)
    const covered = definition.nodes.flatMap((a, at) =>
      definition.nodes
        .slice(at + 1)
        .filter((b) => a.within === b.within && overlap(boxes.get(a.id) as Box, boxes.get(b.id) as Box))
        .map((b) => `${b.id} on ${a.id}`),
    )
    expect(covered).toEqual([])
  },
)
