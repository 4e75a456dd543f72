/** What was found in a text: of which kind, and where. `from`: where the words begin that it was known by. The search goes on after `end`. */
export type Found = { what: string; from: number; start: number; end: number }

/**
 * Finds things in a text that may still grow at its end. What is found before `open` stays so, whatever comes: so a text is
 * found the same in, whole or in pieces.
 */
export type Finder = {
  /** The first from `from` on; what stands before may be looked at. */
  next(text: string, from: number): Found | null
  /** The first place from `from` on where something may have begun that the end of the text has cut off. */
  open(text: string, from: number): number
}

/** How many characters before a place a finder looks back to. */
export const lookBack = 4

/** Several as one: the first that is found counts, of those the longest, of those what stands first in the list. */
export const firstOf = (finders: readonly Finder[]): Finder => {
  const [only] = finders
  if (finders.length === 1 && only !== undefined) return only
  /** What each found last in this text, and from where on it had looked: it is asked again only past that. */
  let known = ''
  let last: { asked: number; found: Found | null }[] = []
  const nextOf = (finder: Finder, n: number, text: string, from: number): Found | null => {
    const before = last[n]
    if (before !== undefined && from >= before.asked && (before.found === null || before.found.from >= from))
      return before.found
    const found = finder.next(text, from)
    last[n] = { asked: from, found }
    return found
  }
  return {
    next: (text, from) => {
      if (text !== known) last = []
      known = text
      let best: Found | null = null
      for (const [n, finder] of finders.entries()) {
        const one = nextOf(finder, n, text, from)
        if (one === null) continue
        if (best === null || one.from < best.from || (one.from === best.from && one.end > best.end)) best = one
      }
      // nothing of a text is kept that is over
      if (best === null) known = ''
      return best
    },
    open: (text, from) => finders.reduce((least, finder) => Math.min(least, finder.open(text, from)), text.length),
  }
}

/** A step of a pattern: a text in small or capital letters, or a unit that comes so many times. */
export type Step = string | readonly [unit: string, least: number, most: number]

/** Where in what a pattern has met the thing itself is; null if it is none. `text` goes on after `end`. */
type Check = (text: string, start: number, end: number) => { start: number; end: number } | null

/** What must not stand before a pattern, what must not follow, and how far into that one may have come. */
type Edges = { before?: string; after?: string; begun?: string }

/**
 * Finds what goes step by step. From the steps comes the pattern of the whole and that of all its beginnings, by which is
 * known what may still be open. `check` may say that it is less, or none; it may read one character more than the pattern.
 */
export function stepwise(what: string, steps: readonly Step[], check: Check | null, edges: Edges = {}): Finder {
  const { before = '(?<![A-Za-z0-9])', after = '(?![A-Za-z0-9])', begun = '' } = edges
  const flat = steps.flatMap((step) => (typeof step === 'string' ? lettersOf(step) : [step]))
  // a letter may be two units long
  const longest = flat.reduce((sum, [, , most]) => sum + 2 * most, 0) + 2
  const whole = new RegExp(before + flat.map((step) => repeated(step, step[1])).join('') + after, 'gu')
  const beginning = new RegExp(`${before}(?:${beginningOf(flat, begun)})`, 'gu')
  return {
    next: (text, from) => {
      whole.lastIndex = from
      for (let met = whole.exec(text); met !== null; met = whole.exec(text)) {
        const { index } = met
        const end = index + met[0].length
        const thing = check === null ? { start: index, end } : check(text, index, end)
        if (thing !== null) return { what, from: index, ...thing }
        // in the midst of a character it would begin with that one again
        whole.lastIndex = index + ((text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1)
      }
      return null
    },
    open: (text, from) => {
      beginning.lastIndex = Math.max(from, text.length - longest)
      return Math.max(from, beginning.exec(text)?.index ?? text.length)
    },
  }
}

const lettersOf = (text: string): [string, number, number][] =>
  Array.from(text, (letter) => {
    const [small, capital] = [letter.toLowerCase(), letter.toUpperCase()]
    return [small === capital ? `[${small}]` : `[${small}${capital}]`, 1, 1]
  })

type Flat = readonly [unit: string, least: number, most: number]
const repeated = ([unit, , most]: Flat, least: number): string => `${unit}{${least},${most}}`

const beginningOf = ([first, ...rest]: readonly Flat[], begun: string): string => {
  if (first === undefined) return `${begun}$`
  return `${repeated(first, 0)}$|${repeated(first, first[1])}(?:${beginningOf(rest, begun)})`
}

/** Asks a finder only where a text has a sign without which there is nothing to be found, and around it alone. */
export const around = (sign: string, before: number, after: number, finder: Finder): Finder => ({
  next: (text, from) => {
    for (let at = text.indexOf(sign, from); at !== -1; at = text.indexOf(sign, at + 1)) {
      const found = finder.next(text.slice(0, at + after), Math.max(from, at - before))
      if (found !== null) return found
    }
    return null
  },
  open: (text, from) => finder.open(text, from),
})
