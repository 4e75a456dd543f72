/** The one of `known` that was most likely meant by `said`; none where no two letters of change lead to one. */
export function nearest(said: string, known: readonly string[]): string | undefined {
  const most = said.length < 4 ? 1 : 2
  let best: { name: string; away: number } | undefined
  for (const name of known) {
    if (Math.abs(name.length - said.length) > most) continue
    const away = distance(said.toLowerCase(), name.toLowerCase())
    if (away <= most && (best === undefined || away < best.away)) best = { name, away }
  }
  return best?.name
}

/** How many letters must be changed, added, left out or swapped to get from one word to the other. */
const distance = (a: string, b: string): number => {
  let before: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_none, n) => n)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const here = Math.min(
        (row[j] ?? 0) + 1,
        (next[j - 1] ?? 0) + 1,
        (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1),
      )
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      next.push(swapped ? Math.min(here, (before[j - 2] ?? 0) + 1) : here)
    }
    before = row
    row = next
  }
  return row[b.length] ?? 0
}
