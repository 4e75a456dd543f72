/** Passages shorter than this stay: naming where they stood would hardly be shorter. */
const shortest = 200
/** By so many letters of its beginning a passage is named. */
const named = 60
const fence = /```/
/** Data, in which a sentence in place of a part would leave something that nobody can read. */
const data = /^\s*[[{]/

/**
 * Leaves out of a conversation what says nothing new: long passages that stand word for word in an earlier message, and beside them
 * spaces at the ends of lines and more than one empty line. What was said is still all there, and what stands before a message changes
 * nothing about it later, so that providers go on finding the conversation in their caches. Texts with code in them, and data, stay as they are.
 */
export class Trim {
  readonly #said = new Set<string>()
  /** By its beginning; null where several begin so, and a name would not tell which of them is meant. */
  readonly #names = new Map<string, string | null>()
  /** How many passages were left out. */
  passages = 0

  /** A message that stays as it is, and to which later ones may point back. */
  keep(text: string): void {
    if (!fence.test(text) && !data.test(text)) this.#remember(passagesOf(text))
  }

  /** A message without what earlier ones have said. */
  of(text: string): string {
    if (fence.test(text) || data.test(text)) return text
    const passages = passagesOf(text)
    // spaces alone are not worth a text that a provider no longer finds in its cache
    if (!passages.some((passage) => this.#isKnown(passage))) {
      this.#remember(passages)
      return text
    }
    const kept = passages.map((passage) => (this.#isKnown(passage) ? this.#point(passage) : passage))
    this.#remember(passages)
    return kept.join('\n\n')
  }

  #isKnown(passage: string): boolean {
    return this.#said.has(passage) && this.#names.get(nameOf(passage)) === passage
  }

  #point(passage: string): string {
    this.passages++
    return `[The same passage as above that begins “${nameOf(passage)}”.]`
  }

  #remember(passages: readonly string[]): void {
    for (const passage of passages) {
      if (passage.length < shortest || this.#said.has(passage)) continue
      this.#said.add(passage)
      const name = nameOf(passage)
      this.#names.set(name, this.#names.has(name) ? null : passage)
    }
  }
}

const passagesOf = (text: string): string[] => text.replace(/[ \t]+$/gm, '').split(/\n{2,}/)
const nameOf = (passage: string): string => passage.slice(0, named).replace(/\s+/g, ' ').trim()
