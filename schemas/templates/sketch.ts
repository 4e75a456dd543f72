import type { Definition, Node } from '../automation/definition.ts'

type Box = { kind: string; x: number; y: number; width: number; height: number }
export type Sketch = { boxes: Box[]; lines: { x1: number; y1: number; x2: number; y2: number }[] }

/** As large as the canvas draws a step; what stands in a block begins below its head. */
const size = { width: 232, height: 56, bottom: 32 }

/** An automation in outline, for a picture of a few centimetres: its steps, and a line for each way. */
export function sketch({ nodes, edges }: Definition): Sketch {
  const within = Map.groupBy(nodes, (node) => node.within)
  const boxes = new Map<string, Box>()
  const place = (node: Node, x: number, y: number): Box => {
    const held = (within.get(node.id) ?? []).map((one) => place(one, x + (one.at?.x ?? 0), y + (one.at?.y ?? 0)))
    const box = {
      kind: node.kind,
      x,
      y,
      width: Math.max(size.width, ...held.map((one) => one.x + one.width - x + 24)),
      height: Math.max(size.height, ...held.map((one) => one.y + one.height - y + size.bottom)),
    }
    boxes.set(node.id, box)
    return box
  }
  for (const node of within.get(undefined) ?? [])
    if (node.kind !== 'note') place(node, node.at?.x ?? 0, node.at?.y ?? 0)
  const lines = edges.flatMap(({ from, to }) => {
    const [a, b] = [boxes.get(from), boxes.get(to)]
    if (a === undefined || b === undefined) return []
    const inside = nodes.find((node) => node.id === to)?.within === from
    return [{ x1: a.x + a.width / 2, y1: inside ? a.y + 44 : a.y + a.height, x2: b.x + b.width / 2, y2: b.y }]
  })
  // blocks first, so that what they hold is drawn over them
  return { boxes: [...boxes.values()].toSorted((a, b) => b.width * b.height - a.width * a.height), lines }
}
