import { hashOf, spread } from './outcome.ts'
import { signsOf } from './signs.ts'

/** How much of a prompt is read, in characters: the end of it, where the question mostly is. */
export const mostRead = 4000

/** Groups of features: words, words that follow one another, four letters in a row, and signs of the whole text. */
export const groups = ['words', 'pairs', 'letters', 'signs'] as const
export type Group = (typeof groups)[number]

/** How many places each group has, as powers of two; what falls on one place counts as the same. */
const bits: Record<Group, number> = { words: 15, pairs: 16, letters: 16, signs: 9 }
export const sizes: Record<Group, number> = {
  words: 2 ** bits.words,
  pairs: 2 ** bits.pairs,
  letters: 2 ** bits.letters,
  signs: 2 ** bits.signs,
}

/** The places that a prompt has in each group, each once. They belong to the next prompt as soon as one is read. */
export type Places = Record<Group, { list: Int32Array; count: number }>

const room = (size: number) => ({ list: new Int32Array(size), count: 0 })
const places: Places = {
  words: room(mostRead),
  pairs: room(mostRead),
  letters: room(mostRead),
  signs: room(64),
}
/** By which reading a place was taken last: so nothing has to be emptied. */
const taken: Record<Group, Uint32Array> = {
  words: new Uint32Array(sizes.words),
  pairs: new Uint32Array(sizes.pairs),
  letters: new Uint32Array(sizes.letters),
  signs: new Uint32Array(sizes.signs),
}
let reading = 0

const put = (group: Group, hash: number): void => {
  const place = hash & (sizes[group] - 1)
  const stamps = taken[group]
  if (stamps[place] === reading) return
  stamps[place] = reading
  const into = places[group]
  into.list[into.count++] = place
}

/** Letters of any script, roughly: what is no sign of ASCII and no punctuation of Unicode. */
const isLetter = (code: number): boolean =>
  (code >= 97 && code <= 122) || (code >= 0xc0 && (code < 0x2000 || code > 0x206f) && code !== 0x3000)

/** Where a prompt stands in each group. A digit and a sign are words of their own: numbers are seldom met twice. */
export function placesOf(prompt: string): Places {
  reading++
  for (const group of groups) places[group].count = 0
  const text = prompt.slice(-mostRead)
  const low = text.toLowerCase().slice(0, mostRead)
  let [word, before, inWord] = [0x811c9dc5, 0, false]
  const end = (): void => {
    const hash = spread(word)
    put('words', hash)
    if (before !== 0) put('pairs', spread(Math.imul(before, 0x9e3779b1) ^ hash))
    before = hash
    word = 0x811c9dc5
    inWord = false
  }
  let [a, b, c] = [0, 0, 0]
  for (let at = 0; at < low.length; at++) {
    const code = low.charCodeAt(at)
    if (at > 2) put('letters', spread(Math.imul(Math.imul(Math.imul(a, 31) + b, 8191) + c, 131_071) ^ code))
    ;[a, b, c] = [b, c, code]
    const letter = isLetter(code)
    if (inWord && !letter) end()
    if (code <= 32) continue
    word = Math.imul(word ^ code, 0x01000193)
    if (letter) inWord = true
    else end()
  }
  if (inWord) end()
  for (const [name, value] of signsOf(text, prompt.length)) put('signs', hashOf(name, Math.round(value)))
  return places
}
