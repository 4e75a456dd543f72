import { expect, test } from 'vitest'
import type { Definition, Node } from '#schemas/automation/definition.ts'
import { overlap, placesOf, type Box } from '../shape.ts'
import { bringBy, drawn, inWindow, lessAbove, map, viewOf, type View } from './view.ts'

const frame = { width: 900, height: 600 }
const drawing = (...at: [x: number, y: number][]): Definition => ({
  format: 1,
  name: 'Drawn',
  nodes: at.map(([x, y], n): Node => ({ id: `n${n}`, kind: n === 0 ? 'start' : 'http', at: { x, y } })),
  edges: [],
})
const allOf = (definition: Definition, view: View): Box[] =>
  [...placesOf(definition).values()].map((box) => drawn(box, view))

test('everything is in sight, and nothing of it under the map', () => {
  const corner: Box = {
    x: frame.width - map.width - 2 * map.margin,
    y: frame.height - map.height - 2 * map.margin,
    width: map.width,
    height: map.height,
  }
  const shapes = [
    drawing([0, 0], [900, 700]),
    drawing([0, 0], [2000, 300], [2000, 0]),
    drawing([0, 0], [0, 2000], [300, 2000]),
  ]
  for (const definition of shapes)
    for (const box of allOf(definition, viewOf(definition, frame, { mapped: true }))) {
      expect(box.x).toBeGreaterThanOrEqual(0)
      expect(box.y).toBeGreaterThanOrEqual(0)
      expect(box.x + box.width).toBeLessThanOrEqual(frame.width)
      expect(box.y + box.height).toBeLessThanOrEqual(frame.height)
      expect(overlap(box, corner)).toBe(false)
    }
})

test('beside the map a drawing is as large as it can be: above it where it is wide, to its left where it is tall', () => {
  const zoomOf = (...at: [x: number, y: number][]) => viewOf(drawing(...at), frame, { mapped: true }).zoom
  const margins = 64
  expect(zoomOf([0, 0], [1100, 600])).toBeCloseTo((600 - map.height - 2 * map.margin - margins) / 652, 2)
  expect(zoomOf([0, 0], [900, 700])).toBeCloseTo((900 - map.width - 2 * map.margin - margins) / 1132, 3)
})

test('a small drawing stands in the middle as large as life; a tall one that may not be smaller opens at its start', () => {
  expect(viewOf(drawing([0, 0]), frame)).toMatchObject({ zoom: 1, x: (frame.width - 232) / 2 })
  const tall = drawing([0, 0], [0, 5000])
  const view = viewOf(tall, frame, { least: 0.6 })
  expect(view.zoom).toBe(0.6)
  expect(allOf(tall, view)[0]).toMatchObject({ y: 32 })
  const wide = drawing([3000, 0], [0, 0], [9000, 0])
  const [start] = allOf(wide, viewOf(wide, frame, { least: 0.6 }))
  expect((start?.x ?? 0) + (start?.width ?? 0) / 2).toBeCloseTo(frame.width / 2)
})

test('a step beside the frame comes into it by the shortest way; one in sight moves nothing', () => {
  const view = { x: 0, y: 0, zoom: 1 }
  expect(bringBy({ x: 100, y: 100, width: 232, height: 52 }, view, frame)).toEqual({ x: 0, y: 0 })
  expect(bringBy({ x: 800, y: 100, width: 232, height: 52 }, view, frame)).toEqual({ x: -164, y: 0 })
  expect(bringBy({ x: 100, y: -60, width: 232, height: 52 }, view, frame)).toEqual({ x: 0, y: 92 })
  expect(bringBy({ x: 100, y: 100, width: 232, height: 4000 }, view, frame)).toEqual({ x: 0, y: 0 })
})

test('of a frame that ends below the window, what is in the window counts as in sight', () => {
  const window = { width: 1440, height: 900 }
  const frame = { x: 0, y: 330, width: 900, height: 630 }
  const seen = inWindow(frame, window, false)
  expect(seen).toEqual({ x: 0, y: 0, width: 900, height: 570 })
  const step = { x: 100, y: 560, width: 232, height: 52 }
  const { y } = bringBy(step, { x: 0, y: 0, zoom: 1 }, seen)
  expect(frame.y + step.y + step.height + y).toBeLessThanOrEqual(900)
  expect(bringBy(step, { x: 0, y: 0, zoom: 1 }, frame)).toEqual({ x: 0, y: 0 })
  // scrolled so far that it begins under the bar at the head, and above the bar at the foot of a phone
  expect(inWindow({ ...frame, y: -48 }, window, false)).toEqual({ x: 0, y: 100, width: 900, height: 530 })
  expect(inWindow({ ...frame, y: 400 }, { width: 390, height: 800 }, true).height).toBe(344)
  // so little of it that it has to be scrolled to anyway
  expect(inWindow({ ...frame, y: 800 }, window, false)).toEqual({ x: 0, y: 0, width: 900, height: 630 })
  expect(bringBy({ ...step, y: 0 }, { x: 0, y: 0, zoom: 1 }, { ...frame, y: 100, height: 530 }).y).toBe(132)
})

test('what can be done with the chosen steps lies at the edge where fewer of them lie', () => {
  const low = drawing([0, 0], [0, 520])
  expect(lessAbove(low, { x: 0, y: 60, zoom: 1 }, { width: 900, height: 600 }, 72)).toBe(false)
  expect(lessAbove(low, { x: 0, y: 100, zoom: 1 }, { width: 900, height: 660 }, 72)).toBe(true)
})
