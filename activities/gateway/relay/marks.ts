/** A message of a conversation, told apart together with all that stands before it. */
export type Beginning = { hash: number; tokens: number }

const mostRemembered = 50_000

/**
 * Where to put the marks up to which a provider is to keep a prompt, at those who keep nothing without. To write costs a quarter more than to
 * read does, and what was kept costs a tenth: it pays where the same comes again at least once in about three times. A beginning
 * that has come before within the time that it is kept is taken to come again, one that is new is not.
 */
export class Marks {
  readonly #keptMs: number
  readonly #seen = new Map<number, number>()

  constructor(keptMs: number) {
    this.#keptMs = keptMs
  }

  /**
   * After how many messages, from the first, marks are to stand; `at` in ms. A conversation that goes on is kept whole, and has a second
   * mark where it ended before: a provider looks for what it has kept only so far before a mark.
   */
  place(beginnings: readonly Beginning[], at: number): number[] {
    const known = 1 + beginnings.findLastIndex(({ hash }) => at - (this.#seen.get(hash) ?? -Infinity) < this.#keptMs)
    for (const { hash } of beginnings) this.#remember(hash, at)
    if (known === 0) return []
    // the instructions alone are shared by strangers; who has said more before will say more again
    return known === 1 || known === beginnings.length ? [known] : [known, beginnings.length]
  }

  #remember(hash: number, at: number): void {
    this.#seen.delete(hash)
    if (this.#seen.size >= mostRemembered) this.#seen.delete(this.#seen.keys().next().value as number)
    this.#seen.set(hash, at)
  }
}
