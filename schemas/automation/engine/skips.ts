/** The steps that a person asked to skip before they began, each as `node#iteration`. */
export class Skips {
  readonly #asked: Set<string>

  constructor(asked: readonly string[] = []) {
    this.#asked = new Set(asked)
  }

  ask(step: string): void {
    this.#asked.add(step)
  }

  /** Whether a step that now comes up is to be skipped; asked once. */
  take(step: string): boolean {
    return this.#asked.delete(step)
  }

  state(): string[] {
    return [...this.#asked]
  }

  /** Those of some turns of a loop that stands in the turns `around`, such as `2.5`, or `0` in none. */
  ofTurns(around: string, turns: { first: number; last: number }): string[] {
    const outer = around === '0' ? [] : around.split('.')
    return this.state().filter((step) => {
      const named = step.slice(step.lastIndexOf('#') + 1).split('.')
      const turn = Number(named[outer.length])
      return outer.every((one, n) => one === named[n]) && turn >= turns.first && turn <= turns.last
    })
  }
}
