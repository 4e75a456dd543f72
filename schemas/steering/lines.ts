/** A line of one text or of both; `from` and `to` count from 1. */
export type Line = { change: 'same' | 'added' | 'removed'; text: string; from: number | null; to: number | null }

/** Lines around a difference that are told along. */
const around = 3
/** Texts that differ in more lines than that are told as one taken out and the other put in. */
const mostDifferent = 500

/** The lines that differ between two texts, and some around them; nothing where they are the same. */
export function lineDifferences(before: string, after: string): Line[] {
  const all = walked(before.split('\n'), after.split('\n'))
  const near = new Uint8Array(all.length)
  for (const [at, { change }] of all.entries())
    if (change !== 'same') near.fill(1, Math.max(0, at - around), at + around + 1)
  return all.filter((_line, at) => near[at] === 1)
}

const walked = (a: readonly string[], b: readonly string[]): Line[] => {
  let head = 0
  while (head < a.length && head < b.length && a[head] === b[head]) head++
  let tail = 0
  while (tail < Math.min(a.length, b.length) - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++
  const middle = shortest(a.slice(head, a.length - tail), b.slice(head, b.length - tail))
  let [from, to] = [0, 0]
  return [
    ...a.slice(0, head).map((text) => ({ change: 'same' as const, text })),
    ...middle,
    ...a.slice(a.length - tail).map((text) => ({ change: 'same' as const, text })),
  ].map(({ change, text }) => ({
    change,
    text,
    from: change === 'added' ? null : ++from,
    to: change === 'removed' ? null : ++to,
  }))
}

type Step = Pick<Line, 'change' | 'text'>

/** The shortest way from one list to the other (Myers 1986): of each number of steps, how far each diagonal gets. */
const shortest = (a: readonly string[], b: readonly string[]): Step[] => {
  const most = Math.min(a.length + b.length, mostDifferent)
  const trail: Map<number, number>[] = []
  let reach = new Map<number, number>([[1, 0]])
  for (let steps = 0; steps <= most; steps++) {
    trail.push(new Map(reach))
    const next = new Map(reach)
    for (let k = -steps; k <= steps; k += 2) {
      const down = k === -steps || (k !== steps && at(next, k - 1) < at(next, k + 1))
      let x = down ? at(next, k + 1) : at(next, k - 1) + 1
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++
      next.set(k, x)
      if (x >= a.length && x - k >= b.length) return back(a, b, trail)
    }
    reach = next
  }
  return [
    ...a.map((text) => ({ change: 'removed' as const, text })),
    ...b.map((text) => ({ change: 'added' as const, text })),
  ]
}

const at = (reach: ReadonlyMap<number, number>, k: number): number => reach.get(k) ?? -1

const back = (a: readonly string[], b: readonly string[], trail: readonly Map<number, number>[]): Step[] => {
  const steps: Step[] = []
  let [x, y] = [a.length, b.length]
  for (let depth = trail.length - 1; depth >= 0; depth--) {
    const reach = trail[depth] ?? new Map<number, number>()
    const k = x - y
    const down = k === -depth || (k !== depth && at(reach, k - 1) < at(reach, k + 1))
    const fromX = depth === 0 ? 0 : down ? at(reach, k + 1) : at(reach, k - 1)
    const fromY = depth === 0 ? 0 : fromX - (down ? k + 1 : k - 1)
    while (x > fromX && y > fromY && a[x - 1] === b[y - 1]) {
      steps.push({ change: 'same', text: a[--x] ?? '' })
      y--
    }
    if (depth === 0) break
    if (down) steps.push({ change: 'added', text: b[--y] ?? '' })
    else steps.push({ change: 'removed', text: a[--x] ?? '' })
  }
  return steps.toReversed()
}
