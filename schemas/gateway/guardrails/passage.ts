import { lookBack, type Finder } from './finder.ts'
import { escaped, readEscapes, type Read } from './json-text.ts'

/** What becomes of a thing that was found: what is said in its place, or null where it stays. */
export type Act = (found: string, what: string) => string | null

/**
 * A text on its way through a finder, in one piece or in many. It holds back no more than what may be the beginning of
 * something, and gives the same text however it is cut.
 */
export class Passage {
  readonly #finder: Finder
  readonly #act: Act
  readonly #isJson: boolean
  /** What is said already, as far as it is looked back to. */
  #before = ''
  #held = ''

  /** `isJson`: the text is JSON as it is written, such as the arguments of a call. */
  constructor(finder: Finder, act: Act, isJson = false) {
    this.#finder = finder
    this.#act = act
    this.#isJson = isJson
  }

  push(piece: string): string {
    return this.#pass(piece, false)
  }

  /** What is left, since nothing more comes. */
  end(): string {
    return this.#pass('', true)
  }

  #pass(piece: string, last: boolean): string {
    const written = this.#held + piece
    if (written === '') return ''
    const { said: more, at: places, length } = this.#read(written, last)
    const said = this.#before + more
    const skip = this.#before.length
    const placeOf = (at: number): number => (places === null ? at - skip : (places[at - skip] ?? length))
    const open = last ? said.length : this.#finder.open(said, skip)
    let passed = ''
    let at = skip
    for (;;) {
      const found = at < open ? this.#finder.next(said, at) : null
      if (found === null || found.from >= open) break
      const instead = this.#act(said.slice(found.start, found.end), found.what)
      const end = placeOf(found.end)
      passed +=
        instead === null
          ? written.slice(placeOf(at), end)
          : written.slice(placeOf(at), placeOf(found.start)) + (this.#isJson ? escaped(instead) : instead)
      at = found.end
    }
    const until = Math.max(at, open)
    const ends = last ? written.length : placeOf(until)
    passed += written.slice(placeOf(at), ends)
    this.#held = written.slice(ends)
    this.#before = said.slice(Math.max(0, until - lookBack), until)
    return passed
  }

  #read(written: string, last: boolean): Read {
    const read = this.#isJson ? readEscapes(written) : { said: written, at: null, length: written.length }
    const code = read.said.charCodeAt(read.said.length - 1)
    // the other half of the character is still to come
    if (last || code < 0xd800 || code > 0xdbff) return read
    const length = read.at === null ? read.length - 1 : (read.at[read.said.length - 1] ?? read.length)
    return { said: read.said.slice(0, -1), at: read.at, length }
  }
}

/** A whole text through a finder. */
export const through = (finder: Finder, text: string, act: Act, isJson = false): string => {
  const passage = new Passage(finder, act, isJson)
  return passage.push(text) + passage.end()
}
