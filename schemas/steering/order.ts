/** Those that have to be moved, so few as can be, to bring `before` into the order of `after`; both hold the same. */
export function moved<T>(before: readonly T[], after: readonly T[]): T[] {
  const places = new Map(after.map((one, at) => [one, at]))
  const wanted = before.map((one) => places.get(one) ?? -1)
  // the longest run that is in order already stays
  const tails: number[] = []
  const previous = wanted.map(() => -1)
  for (const [at, place] of wanted.entries()) {
    let low = 0
    while (low < tails.length && (wanted[tails[low] ?? 0] ?? 0) < place) low++
    previous[at] = tails[low - 1] ?? -1
    tails[low] = at
  }
  const stays = new Set<number>()
  for (let at = tails.at(-1) ?? -1; at !== -1; at = previous[at] ?? -1) stays.add(at)
  return before.filter((_one, at) => !stays.has(at))
}
