import { expect, test } from 'vitest'
import { portOf, type Definition } from '#schemas/automation/definition.ts'
import { templates } from '#schemas/templates/list.ts'
import { layout } from './layout.ts'
import { sample } from './sample.ts'
import { boxesOf, placesOf, spotsOf } from './shape.ts'
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

/** The ways out of a step that cross right below it: what leaves it further left goes down to what stands further right. */
const crossings = (definition: Definition): string[] => {
  const places = placesOf(definition)
  const boxes = boxesOf(definition)
  const entry = (id: string) => {
    const { x, y, width } = places.get(id) ?? { x: 0, y: 0, width: 0 }
    return { x: x + width / 2, y }
  }
  return definition.nodes.flatMap((node) => {
    const size = boxes.get(node.id) ?? { width: 0, height: 0 }
    const ways = spotsOf(node, size)
      .filter(({ side }) => side === 'below')
      .flatMap((spot) =>
        definition.edges
          .filter((edge) => edge.from === node.id && portOf(edge) === spot.id)
          .map((edge) => ({ way: `${node.id}:${spot.id}`, ...entry(edge.to), from: spot.x })),
      )
    return ways.flatMap((a) =>
      ways.filter((b) => a.from < b.from && a.y === b.y && a.x > b.x).map((b) => `${a.way} and ${b.way}`),
    )
  })
}

test.each(templates.map(({ definition }) => [definition.name, definition] as const))(
  'the ways out of each step of “%s” go on side by side',
  (_name, definition) => {
    expect(crossings(laidOut(definition))).toEqual([])
  },
)
