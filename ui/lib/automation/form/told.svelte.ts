import { SvelteMap } from 'svelte/reactivity'
import type { Problem } from '#schemas/automation/problem.ts'

/** Which problems the fields of a form tell of, so that what no field tells of is told above them, and nothing twice. */
export class Told {
  readonly #byField = new SvelteMap<symbol, readonly Problem[]>()

  tell(field: symbol, problems: readonly Problem[]): void {
    if (problems.length > 0) this.#byField.set(field, problems)
    else this.#byField.delete(field)
  }

  rest(problems: readonly Problem[]): readonly Problem[] {
    const told = new Set([...this.#byField.values()].flat())
    return problems.filter((problem) => !told.has(problem))
  }
}
