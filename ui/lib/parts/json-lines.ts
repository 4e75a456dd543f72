export type Token = { text: string; kind: 'key' | 'string' | 'number' | 'word' | 'mark' }
/** A line of pretty-printed JSON; one that opens something says where that closes, to fold it. */
export type JsonLine = { depth: number; tokens: Token[]; closesAt?: number; holds?: number }

/**
 * Pretty-prints a value line by line, coloured and foldable. Linear in the size of the value.
 *
 * @param longest strings beyond this many characters are cut, with the count of what is left out
 */
export const jsonLines = (value: unknown, longest = 4000): JsonLine[] => {
  const lines: JsonLine[] = []

  const scalar = (it: unknown): Token => {
    if (typeof it === 'string') {
      const text = it.length > longest ? `${it.slice(0, longest)}… (${it.length - longest} more)` : it
      return { text: JSON.stringify(text), kind: 'string' }
    }
    if (typeof it === 'number' || typeof it === 'bigint') return { text: String(it), kind: 'number' }
    return { text: it === true ? 'true' : it === false ? 'false' : 'null', kind: 'word' }
  }

  const write = (it: unknown, depth: number, before: Token[], after: string): void => {
    if (it === null || typeof it !== 'object') {
      lines.push({ depth, tokens: [...before, scalar(it), { text: after, kind: 'mark' }] })
      return
    }
    const inside: [string | undefined, unknown][] = Array.isArray(it)
      ? it.map((item) => [undefined, item])
      : Object.entries(it).filter(([, item]) => item !== undefined)
    const [open, close] = Array.isArray(it) ? ['[', ']'] : ['{', '}']
    if (inside.length === 0) {
      lines.push({ depth, tokens: [...before, { text: `${open}${close}${after}`, kind: 'mark' }] })
      return
    }
    const head: JsonLine = { depth, tokens: [...before, { text: open, kind: 'mark' }], holds: inside.length }
    lines.push(head)
    for (const [at, [key, item]] of inside.entries()) {
      const label: Token[] =
        key === undefined
          ? []
          : [
              { text: JSON.stringify(key), kind: 'key' },
              { text: ': ', kind: 'mark' },
            ]
      write(item, depth + 1, label, at === inside.length - 1 ? '' : ',')
    }
    head.closesAt = lines.length
    lines.push({ depth, tokens: [{ text: `${close}${after}`, kind: 'mark' }] })
  }

  write(value, 0, [], '')
  return lines
}

/** The lines to draw when those in `folded` (by index) are closed. */
export const unfolded = (lines: readonly JsonLine[], folded: ReadonlySet<number>): number[] => {
  const shown: number[] = []
  for (let at = 0; at < lines.length; at++) {
    shown.push(at)
    if (folded.has(at)) at = lines[at]?.closesAt ?? at
  }
  return shown
}
