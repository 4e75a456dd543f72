/** Values of late, as many as there are bytes for: who was not asked for longest goes first. */
export class Recent<T> {
  readonly #most: number
  readonly #held = new Map<string, { value: T; bytes: number }>()
  #bytes = 0

  constructor(most: number) {
    this.#most = most
  }

  get(name: string): T | undefined {
    const held = this.#held.get(name)
    if (held === undefined) return undefined
    // a map keeps the order in which things were put into it
    this.#held.delete(name)
    this.#held.set(name, held)
    return held.value
  }

  set(name: string, value: T, bytes: number): void {
    this.delete(name)
    if (bytes > this.#most) return
    this.#held.set(name, { value, bytes })
    this.#bytes += bytes
    for (const oldest of this.#held.keys()) {
      if (this.#bytes <= this.#most) return
      this.delete(oldest)
    }
  }

  delete(name: string): void {
    const held = this.#held.get(name)
    if (held === undefined) return
    this.#held.delete(name)
    this.#bytes -= held.bytes
  }
}
