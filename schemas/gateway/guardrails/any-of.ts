import type { Finder } from './finder.ts'

/** Finds any of these words, which are of one form each and not parts of one another: what stands for a value. */
export function anyOf(words: Iterable<string>): Finder {
  const known = new Set(words)
  const lengths = [...new Set([...known].map(({ length }) => length))].toSorted((a, b) => b - a)
  const firsts = new Set([...known].map((word) => word.charCodeAt(0)))
  const beginnings = new Set([...known].flatMap((word) => Array.from(word, (_, n) => word.slice(0, n))))
  const longest = lengths[0] ?? 0
  return {
    next(text, from) {
      for (let start = from; start < text.length; start++) {
        if (!firsts.has(text.charCodeAt(start))) continue
        const long = lengths.find(
          (length) => start + length <= text.length && known.has(text.slice(start, start + length)),
        )
        if (long !== undefined) return { what: '', from: start, start, end: start + long }
      }
      return null
    },
    open(text, from) {
      for (let at = Math.max(from, text.length - longest + 1); at < text.length; at++)
        if (firsts.has(text.charCodeAt(at)) && beginnings.has(text.slice(at))) return at
      return text.length
    },
  }
}
