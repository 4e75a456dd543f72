/** How many bytes may be held at once, of all that share it. */
export class Room {
  readonly #most: number
  readonly #full: () => void
  #held = 0

  /** `full` is called where there is none. */
  constructor(most: number, full: () => void) {
    this.#most = most
    this.#full = full
  }

  get held(): number {
    return this.#held
  }

  /** False where there is no room for so many more. */
  take(bytes: number): boolean {
    if (this.#held + bytes > this.#most) {
      this.#full()
      return false
    }
    this.#held += bytes
    return true
  }

  leave(bytes: number): void {
    this.#held -= bytes
  }
}
