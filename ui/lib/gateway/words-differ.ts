export type Piece = { of: 'both' | 'before' | 'after'; text: string }

/** More pairs of words than this are not compared one by one: what differs is then told as one piece. */
const mostPairs = 4_000_000

/** Two texts as one, word by word: what both say, what only the first says, what only the second says. */
export function wordsDiffer(before: string, after: string): Piece[] {
  const [a, b] = [wordsOf(before), wordsOf(after)]
  let start = 0
  while (start < a.length && start < b.length && a[start] === b[start]) start++
  let end = 0
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end++
  const between = middle(a.slice(start, a.length - end), b.slice(start, b.length - end))
  const same = (words: readonly string[]): Piece[] => words.map((text) => ({ of: 'both', text }))
  return joined([...same(a.slice(0, start)), ...between, ...same(end === 0 ? [] : a.slice(-end))])
}

/** Each with the space behind it. */
const wordsOf = (text: string): string[] => text.match(/\S+\s*|\s+/g) ?? []

/** By the longest line of words that both have. */
const middle = (a: readonly string[], b: readonly string[]): Piece[] => {
  const all = (of: Piece['of'], words: readonly string[]): Piece[] => words.map((text) => ({ of, text }))
  const width = b.length + 1
  if (a.length * b.length > mostPairs) return [...all('before', a), ...all('after', b)]
  const longest = new Uint16Array((a.length + 1) * width)
  const at = (i: number, j: number) => longest[i * width + j] ?? 0
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      longest[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
  const found: Piece[] = []
  let [i, j] = [0, 0]
  while (i < a.length && j < b.length)
    if (a[i] === b[j]) {
      found.push({ of: 'both', text: a[i] ?? '' })
      i++
      j++
    } else if (at(i + 1, j) >= at(i, j + 1)) found.push({ of: 'before', text: a[i++] ?? '' })
    else found.push({ of: 'after', text: b[j++] ?? '' })
  return [...found, ...all('before', a.slice(i)), ...all('after', b.slice(j))]
}

const joined = (pieces: readonly Piece[]): Piece[] => {
  const out: Piece[] = []
  for (const { of, text } of pieces) {
    const last = out.at(-1)
    if (last?.of === of) last.text += text
    else out.push({ of, text })
  }
  return out
}
