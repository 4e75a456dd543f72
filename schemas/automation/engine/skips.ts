/** The steps that a person asked to skip before they began, each as `node#iteration`, and by which way to go on. */
export class Skips {
  readonly #asked: Map<string, string | null>

  /** Each as `state` gives it. */
  constructor(asked: readonly string[] = []) {
    this.#asked = new Map(asked.map(read))
  }

  ask(step: string, way: string | null = null): void {
    this.#asked.set(step, way)
  }

  /** Whether a step that now comes up is to be skipped, and by which way to go on; asked once. */
  take(step: string): { way: string | null } | null {
    const way = this.#asked.get(step)
    if (way === undefined) return null
    this.#asked.delete(step)
    return { way }
  }

  /** `node#iteration`, and behind a blank the way. */
  state(): string[] {
    return [...this.#asked].map(([step, way]) => (way === null ? step : `${step} ${way}`))
  }

  /** Those of some turns of a loop that stands in the turns `around`, such as `2.5`, or `0` in none. */
  ofTurns(around: string, turns: { first: number; last: number }): string[] {
    const outer = around === '0' ? [] : around.split('.')
    return this.state().filter((asked) => {
      const [step] = read(asked)
      const named = step.slice(step.lastIndexOf('#') + 1).split('.')
      const turn = Number(named[outer.length])
      return outer.every((one, n) => one === named[n]) && turn >= turns.first && turn <= turns.last
    })
  }
}

const read = (asked: string): [step: string, way: string | null] => {
  const [step = '', way = null] = asked.split(' ')
  return [step, way]
}
