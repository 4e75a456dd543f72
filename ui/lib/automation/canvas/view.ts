import type { Definition } from '#schemas/automation/definition.ts'
import { hull, isContainer, measures, overlap, placesOf, type Box, type Point, type Size } from '../shape.ts'

/** What of a drawing is in sight: where its origin lies in the frame, in pixels, and how large it is drawn. */
export type View = Point & { zoom: number }

/** How large the map of the canvas is, with what is around it, and from how many nodes on there is one. */
export const map = { width: 160, height: 104, margin: 15, from: 8 } as const
/** Free at each side of the frame. */
const margin = 32

/** All of a drawing, no larger than life. Where it does not fit as small as `least`, it begins at its start. */
export function viewOf(definition: Definition, { width, height }: Size, { least = 0.1, mapped = false } = {}): View {
  // what a page measures has its size behind getters, which no copy takes along
  const frame = { width, height }
  const boxes = [...placesOf(definition).values()]
  if (boxes.length === 0) return { x: frame.width / 2, y: frame.height / 2, zoom: 1 }
  const start = placesOf(definition).get(definition.nodes.find(({ kind }) => kind === 'start')?.id ?? '')
  const inArea = (area: Size) => fitted(hull(boxes), start, area, least)
  const whole = inArea(frame)
  const corner = mapAt(frame)
  if (!mapped || !boxes.some((box) => overlap(drawn(box, whole), corner))) return whole
  const [above, beside] = [inArea({ ...frame, height: corner.y }), inArea({ ...frame, width: corner.x })]
  return above.zoom > beside.zoom ? above : beside
}

const fitted = (all: Box, start: Box | undefined, area: Size, least: number): View => {
  const [width, height] = [area.width - 2 * margin, area.height - 2 * margin]
  const zoom = Math.min(1, Math.max(least, Math.min(width / all.width, height / all.height)))
  const middle = start ?? all
  const x = all.width * zoom <= width ? all.x + all.width / 2 : middle.x + middle.width / 2
  const y = all.height * zoom <= height ? area.height / 2 - (all.y + all.height / 2) * zoom : margin - all.y * zoom
  return { x: area.width / 2 - x * zoom, y, zoom }
}

/** Where a box is drawn in the frame. */
export const drawn = (box: Box, { x, y, zoom }: View): Box => ({
  x: box.x * zoom + x,
  y: box.y * zoom + y,
  width: box.width * zoom,
  height: box.height * zoom,
})

/** Where the map of the canvas lies in the frame. */
const mapAt = ({ width, height }: Size): Box => {
  const size = { width: map.width + 2 * map.margin, height: map.height + 2 * map.margin }
  return { ...size, x: width - size.width, y: height - size.height }
}

/** How far the drawing has to go, in pixels, for a box of it to come into sight: no further than that. */
export function bringBy(box: Box, view: View, frame: Size & Partial<Point>): Point {
  const { x = 0, y = 0 } = frame
  const at = drawn(box, view)
  // of what is larger than the frame its head is what is looked for
  const height = at.height > frame.height - 2 * margin ? measures.head * view.zoom : at.height
  return { x: into(at.x - x, at.width, frame.width), y: into(at.y - y, height, frame.height) }
}

/** The bars of the page that lie over what scrolls under them, in pixels. */
const bars = { head: 52, foot: 56 } as const
/** Less of a frame than this (px) is not made do with: the whole of it is taken for in sight. */
const leastSeen = 160

/** What of a frame is in the window and under no bar, from the top left of the frame. `phone`: there is a bar at the foot. */
export function inWindow(frame: Box, window: Size, phone: boolean): Box {
  const top = Math.max(0, bars.head - frame.y)
  const bottom = Math.min(frame.height, window.height - (phone ? bars.foot : 0) - frame.y)
  const seen = bottom - top
  return { x: 0, width: frame.width, ...(seen < leastSeen ? { y: 0, height: frame.height } : { y: top, height: seen }) }
}

const into = (at: number, size: number, frame: number): number => {
  if (at < 0) return margin - at
  return at + size > frame ? Math.max(frame - margin - (at + size), margin - at) : 0
}

/** Whether fewer steps lie in so many pixels at the upper edge of the frame than at the lower one. */
export function lessAbove(definition: Definition, view: View, { width, height }: Size, within: number): boolean {
  const boxes = definition.nodes.flatMap((node) => {
    const box = isContainer(node) ? undefined : placesOf(definition).get(node.id)
    return box === undefined ? [] : [drawn(box, view)]
  })
  const inStrip = (y: number) => boxes.filter((box) => overlap(box, { x: 0, y, width, height: within })).length
  return inStrip(0) < inStrip(height - within)
}
