import { expect, test } from 'vitest'
import type { Definition } from '#schemas/automation/definition.ts'
import { layout } from './layout.ts'
import { sample } from './sample.ts'
import { boxesOf } from './shape.ts'
import { walk } from './walk.ts'

const laidOut = (definition: Definition): Definition => {
  const places = layout(definition)
  return { ...definition, nodes: definition.nodes.map((node) => ({ ...node, at: places[node.id] ?? { x: 0, y: 0 } })) }
}

test('after a layout no step covers another, edges lead down, and a loop is as large as what it holds', () => {
  const made = laidOut(sample())
  const boxes = boxesOf(made)
  for (const a of made.nodes)
    for (const b of made.nodes) {
      const [one, two] = [boxes.get(a.id), boxes.get(b.id)]
      if (a === b || a.within !== b.within || one === undefined || two === undefined) continue
      const apart =
        one.x + one.width <= two.x ||
        two.x + two.width <= one.x ||
        one.y + one.height <= two.y ||
        two.y + two.height <= one.y
      expect(apart, `${a.id} and ${b.id}`).toBe(true)
    }
  for (const edge of made.edges)
    if (edge.port !== 'each') expect(boxes.get(edge.to)?.y).toBeGreaterThan(boxes.get(edge.from)?.y ?? 0)
  const [loop, tell] = [boxes.get('every'), boxes.get('tell')]
  expect(loop?.width).toBeGreaterThan((tell?.x ?? 0) + (tell?.width ?? 0))
})

test('arrow keys walk along connections, and by nearness where there is none', () => {
  const it = sample()
  expect(walk(it, undefined, 'down')).toBe('start')
  expect(walk(it, 'start', 'down')).toBe('read')
  expect(walk(it, 'ask', 'down')).toBe('every')
  expect(walk(it, 'ask', 'up')).toBe('read')
  expect(walk(it, 'every', 'down')).toBe('tell')
  expect(walk(it, 'start', 'up')).toBeUndefined()
})
