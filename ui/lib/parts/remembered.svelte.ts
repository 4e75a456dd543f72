/** A choice of one of some words, remembered in this browser under `key`; `usual` until one was made. */
export class Remembered<Choice extends string> {
  readonly #key: string
  readonly #usual: Choice
  #choice: Choice

  constructor(key: string, usual: Choice, others: readonly Choice[]) {
    this.#key = key
    this.#usual = usual
    this.#choice = $state(others.find((other) => other === this.#kept()) ?? usual)
  }

  get choice(): Choice {
    return this.#choice
  }

  set choice(next: Choice) {
    this.#choice = next
    try {
      if (next === this.#usual) localStorage.removeItem(this.#key)
      else localStorage.setItem(this.#key, next)
    } catch {
      // Storage is blocked: the choice holds until the page is closed.
    }
  }

  #kept(): string | null {
    try {
      return localStorage.getItem(this.#key)
    } catch {
      return null
    }
  }
}
