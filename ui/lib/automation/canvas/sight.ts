import type { useSvelteFlow } from '@xyflow/svelte'
import { tick } from 'svelte'
import type { Definition } from '#schemas/automation/definition.ts'
import type { Editor } from '../editor.svelte.ts'
import { layoutApart } from '../layout-worker.ts'
import { endOf, measures, overlap, placesOf, type Point } from '../shape.ts'
import { containerAt } from './drop.ts'
import type { FlowEdge, FlowNode } from './flow.ts'
import { bringBy, drawn, inWindow, lessAbove, map, viewOf } from './view.ts'

type Around = {
  editor: () => Editor
  flow: ReturnType<typeof useSvelteFlow<FlowNode, FlowEdge>>
  root: () => HTMLElement | undefined
}

/** Whether there is a map of it, where there is room for one. */
export const mapped = (definition: Definition): boolean =>
  definition.nodes.length > map.from && matchMedia('(min-width: 640px)').matches

/** Below this zoom words cannot be read. */
export const farBelow = 0.45
/** At this zoom they are read with ease. */
const legible = 0.8

/** What of a drawing is in sight, and where the keyboard and the pointer are on it. */
export const sight = ({ editor, flow, root }: Around) => {
  let pointer: Point | undefined

  /** Those nodes; without any, everything, beside the map and not under it. */
  const show = (ids?: readonly string[]) => {
    const { definition } = editor()
    const frame = root()?.getBoundingClientRect()
    if (ids !== undefined)
      void flow.fitView({ nodes: ids.map((id) => ({ id })), maxZoom: 1, padding: 0.15, duration: 0 })
    else if (frame !== undefined) void flow.setViewport(viewOf(definition, frame, { mapped: mapped(definition) }))
  }
  const focus = (id = editor().active) => {
    const focusIt = async () => {
      await tick()
      const at = id === undefined ? undefined : `.svelte-flow__node[data-id="${CSS.escape(id)}"]`
      const node = at === undefined ? undefined : root()?.querySelector<HTMLElement>(at)
      ;(node ?? root())?.focus({ preventScroll: true })
    }
    void focusIt()
  }
  const bring = (id: string, legibly = false): void => {
    const box = placesOf(editor().definition).get(id)
    const frame = root()?.getBoundingClientRect()
    if (box === undefined || frame === undefined) return
    const view = flow.getViewport()
    // of a frame that begins or ends beyond the window, what is in the window counts
    const phone = matchMedia('(max-width: 1023px)').matches
    const window = inWindow(frame, { width: innerWidth, height: innerHeight }, phone)
    const by = bringBy(box, view, window)
    const centre = { x: box.x + box.width / 2, y: box.y + box.height / 2 }
    if (legibly && view.zoom < legible) return void flow.setCenter(centre.x, centre.y, { zoom: legible })
    if (by.x === 0 && by.y === 0) return
    const hidden = !overlap(drawn(box, view), window)
    // what comes from out of sight comes large enough to be read
    if (hidden && view.zoom < farBelow) void flow.setCenter(centre.x, centre.y, { zoom: farBelow })
    else void flow.setViewport({ ...view, x: view.x + by.x, y: view.y + by.y })
  }
  let width: number | undefined
  /** After the frame has changed: where it is much narrower or wider, as when a phone is turned, or nothing is in sight any more, everything is. */
  const keep = (): void => {
    const frame = root()?.getBoundingClientRect()
    if (frame === undefined || frame.width === 0) return
    const before = width ?? frame.width
    width = frame.width
    if (Math.abs(Math.log2(frame.width / before)) > 0.7) return show()
    const [view, window] = [flow.getViewport(), { x: 0, y: 0, width: frame.width, height: frame.height }]
    const boxes = [...placesOf(editor().definition).values()]
    if (boxes.length > 0 && !boxes.some((box) => overlap(drawn(box, view), window))) show()
  }
  /** Brings one into sight and the keyboard to it; `legibly`: as large as it needs to be read. */
  const reveal = (id: string, legibly = false) => {
    const revealIt = async () => {
      // a form that opens for it at the side leaves less room
      await tick()
      bring(id, legibly)
      focus(id)
    }
    void revealIt()
  }
  const goTo = (id: string, extend: boolean) => {
    editor().choose(extend ? [...new Set([...editor().chosen, id])] : [id], id)
    reveal(id)
  }
  const centre = (): Point => {
    const box = root()?.getBoundingClientRect()
    if (box === undefined) return { x: 0, y: 0 }
    return flow.screenToFlowPosition({ x: box.x + box.width / 2, y: box.y + box.height / 2 })
  }
  const layOut = async () => {
    const { definition } = editor()
    const places = await layoutApart(definition)
    const changes = Object.entries(places).map(([node, value]) => ({ do: 'set' as const, node, path: '/at', value }))
    if (definition.nodes.some((node) => node.at === undefined)) editor().place(changes)
    else editor().do({ title: 'Lay out', changes })
    await tick()
    show()
  }

  return {
    under: (height: number): boolean => {
      const frame = root()?.getBoundingClientRect()
      const { definition } = editor()
      return frame !== undefined && lessAbove(definition, flow.getViewport(), frame, height)
    },
    show,
    focus,
    bring,
    keep,
    reveal,
    goTo,
    layOut,
    middle: (): Point => {
      const at = centre()
      return { x: at.x - measures.width / 2, y: at.y - measures.head / 2 }
    },
    /** Where the pointer is; no longer, where it has left. */
    point: (event: PointerEvent | undefined): void => {
      pointer = event === undefined ? undefined : { x: event.clientX, y: event.clientY }
    },
    /** Where something of a size has its top left corner when it is put at the pointer, else in the middle. */
    spot: ({ width, height }: { width: number; height: number }) => {
      const at = pointer === undefined ? centre() : flow.screenToFlowPosition(pointer)
      const within = pointer === undefined ? undefined : containerAt(editor().definition, at)
      return { at: { x: at.x - width / 2, y: at.y - height / 2 }, within }
    },
  }
}

/** On a phone a drawing opens at its start, as wide as the screen as far as its names can be read. */
export const opensOnPhone = (definition: Definition, width: number) => {
  const boxes = [...placesOf(definition).values()]
  const start = definition.nodes.find((node) => node.kind === 'start')
  const box = start && placesOf(definition).get(start.id)
  if (box === undefined) return undefined
  const [left, right] = [Math.min(...boxes.map(({ x }) => x)), Math.max(...boxes.map((one) => endOf(one, 'x')))]
  const edge = 16
  const fits = (width - 2 * edge) / (right - left)
  const zoom = Math.min(0.8, Math.max(0.35, fits))
  const centre = fits < zoom ? box.x + box.width / 2 : (left + right) / 2
  return { zoom, x: width / 2 - centre * zoom, y: 32 - Math.min(...boxes.map(({ y }) => y)) * zoom }
}
