import type { Guarded } from '#schemas/gateway/guardrails/index.ts'

/** What guardrails of one kind did in this process: requests by what became of them, and what was found in them. */
export type GuardCount = Pick<Guarded, 'kind' | 'did'> & { requests: number; matches: number }

/** Counts what guardrails did since this process began, of all tenants together. */
export class GuardCounts {
  readonly #counts = new Map<string, GuardCount>()

  count(guarded: readonly Guarded[]): void {
    for (const { kind, did, input, output } of guarded) {
      const name = `${kind} ${did}`
      const known = this.#counts.get(name)
      const count = known ?? { kind, did, requests: 0, matches: 0 }
      if (known === undefined) this.#counts.set(name, count)
      count.requests++
      for (const found of [input, output]) for (const what in found) count.matches += found[what] ?? 0
    }
  }

  get all(): readonly GuardCount[] {
    return [...this.#counts.values()]
  }
}
