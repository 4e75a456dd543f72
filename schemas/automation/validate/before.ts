import type { Drawing } from './drawing.ts'

/**
 * Which nodes can come before which: those that lead to it in its region, and all that come before what it stands in. One
 * bit for each pair, because a large automation has a quarter of a million pairs and is checked on every key press.
 */
export function beforeOf(drawing: Drawing): (step: string, node: string) => boolean {
  const { nodes } = drawing
  const places = new Map(nodes.map((node, at) => [node.id, at]))
  const words = Math.ceil(nodes.length / 32)
  const bits = nodes.map(() => new Uint32Array(words))
  const take = (to: number, from: number, itself: boolean): boolean => {
    const [mine, theirs] = [bits[to], bits[from]]
    if (mine === undefined || theirs === undefined) return false
    let changed = false
    const set = (word: number, value: number) => {
      const old = mine[word] ?? 0
      mine[word] = old | value
      changed ||= mine[word] !== old
    }
    for (let word = 0; word < words; word++) set(word, theirs[word] ?? 0)
    if (itself) set(from >>> 5, 1 << (from & 31))
    return changed
  }
  const waiting = nodes.map((_node, at) => at).toReversed()
  const waits = new Set(waiting)
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    waits.delete(at)
    const node = nodes[at]
    if (node === undefined) continue
    const leads = [...drawing.from(node.id)].map((edge) => ({ to: places.get(edge.to), itself: true }))
    const holds = drawing.inside(node.id).map((one) => ({ to: places.get(one.id), itself: false }))
    for (const { to, itself } of [...leads, ...holds])
      if (to !== undefined && take(to, at, itself) && !waits.has(to)) {
        waits.add(to)
        waiting.push(to)
      }
  }
  return (step, node) => {
    const [from, to] = [places.get(step), places.get(node)]
    if (from === undefined || to === undefined) return false
    return (((bits[to]?.[from >>> 5] ?? 0) >>> (from & 31)) & 1) === 1
  }
}
