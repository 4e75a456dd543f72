import type { Finder, Found } from './finder.ts'

type Branch = { further: Map<string, Branch>; isWord: boolean }

/** Case makes no difference, and a text stays as long as it was. */
const folded = (sign: string): string => {
  const small = sign.toLowerCase()
  if (small.length !== sign.length) return sign
  return small === '\u00a0' || small === '\n' || small === '\t' ? ' ' : small
}

const isPartOfWord = (sign: string): boolean => /[\p{L}\p{N}\p{M}_]/u.test(sign)

/** Finds whole words and names out of a list: the longest that stands at a place. */
export function listed(what: string, words: readonly string[]): Finder {
  const root: Branch = { further: new Map(), isWord: false }
  for (const word of words) {
    let at = root
    for (const sign of word.trim().replaceAll(/\s+/g, ' ')) {
      const key = folded(sign)
      const known = at.further.get(key)
      const next = known ?? { further: new Map(), isWord: false }
      if (known === undefined) at.further.set(key, next)
      at = next
    }
    at.isWord = at !== root
  }
  /** Where the longest word that begins here ends, or -1; `cut` where the text ended before that was known. */
  const from = (text: string, start: number): { end: number; cut: boolean } => {
    let branch: Branch | undefined = root
    let end = -1
    let at = start
    while (at < text.length) {
      const sign = String.fromCodePoint(text.codePointAt(at) ?? 0)
      branch = branch.further.get(folded(sign))
      if (branch === undefined) return { end, cut: false }
      at += sign.length
      if (branch.isWord && !isPartOfWord(text.charAt(at))) end = at
    }
    return { end, cut: true }
  }
  const isStart = (text: string, at: number): boolean =>
    root.further.has(folded(String.fromCodePoint(text.codePointAt(at) ?? 0))) &&
    (at === 0 || !isPartOfWord(text.charAt(at - 1)))
  const longest = Math.max(0, ...words.map(({ length }) => length)) + 1
  return {
    next(text, begin): Found | null {
      for (let at = begin; at < text.length; at++) {
        if (!isStart(text, at)) continue
        const { end } = from(text, at)
        if (end !== -1) return { what, from: at, start: at, end }
      }
      return null
    },
    open(text, begin) {
      for (let at = Math.max(begin, text.length - longest); at < text.length; at++)
        if (isStart(text, at) && from(text, at).cut) return at
      return text.length
    },
  }
}
