import type { Definition, JsonObject } from '#schemas/automation/definition.ts'
import type { Run, RunCanvas } from '#schemas/runs.ts'
import { namesIn, type Seen } from '#ui/lib/automation/preview.ts'
import type { Turns } from '#ui/lib/automation/turns.ts'
import { walkedOver } from '#ui/lib/automation/walked.ts'
import { aloneOn, type Shown, type Trial } from './trial.ts'

/** The run that is shown on the drawing being edited, and the one that is about to be started. */
export class Trying {
  asked = $state.raw<Trial>()
  run = $state.raw<Run>()
  turns = $state.raw<Turns>(new Map())
  seen = $state.raw<Shown>()
  #latest = $state.raw<RunCanvas>()
  #input = $state.raw<JsonObject>()
  #last: Trial | undefined
  #looked = false
  readonly #latestWalk: () => Promise<RunCanvas | undefined>

  constructor(latestWalk: () => Promise<RunCanvas | undefined>) {
    this.#latestWalk = latestWalk
  }

  /** Takes up where the latest run got to, for the fields to tell of while no run is shown. */
  look(): void {
    if (this.#looked) return
    this.#looked = true
    const take = async () => {
      const found = await this.#latestWalk()
      this.#latest ??= found
    }
    // without it, fields say no more than the drawing itself
    take().catch(() => {})
  }

  /** What is known of the run that is shown; it stays the latest when it is shown no more. */
  saw = (seen: Shown | undefined): void => {
    this.seen = seen
    if (seen !== undefined) this.#latest = seen.canvas
  }

  /** What the run before was given. */
  get input(): JsonObject | undefined {
    return this.#input
  }

  whole = (): void => this.#ask({ live: false })
  again = (): void => this.#ask(this.#last ?? { live: false })

  /** Tests what leads to a node, or the node alone on what the run that is shown gave. */
  part = (definition: Definition, node: string, only: boolean): void => {
    if (!only) return this.#ask({ live: false, until: node })
    const trial = aloneOn(definition, node, this.#known(definition))
    const before = this.#last?.only === node ? this.#last.items : undefined
    this.#ask({ ...trial, items: { ...trial.items, ...before } })
  }

  started = (run: Run, input: JsonObject, trial: Trial): void => {
    this.#last = trial
    this.#input = input
    this.turns = new Map()
    this.run = run
  }

  /** Shows a run that there is. */
  show = (run: Run): void => {
    this.#last = undefined
    this.turns = new Map()
    this.run = run
  }

  turn = (loop: string, to: number): void => {
    this.turns = new Map([...this.turns, [loop, to]])
  }

  /** What the fields of a node see of the run that is shown, else of the latest. */
  sees(definition: Definition, node: string): Seen | undefined {
    const known = this.#known(definition)
    if (known === undefined) return undefined
    return { names: namesIn(definition, known.canvas, known.walked, node), shown: this.seen !== undefined }
  }

  #known(definition: Definition): Shown | undefined {
    const canvas = this.#latest
    if (this.seen !== undefined || canvas === undefined) return this.seen
    return { canvas, walked: walkedOver(definition, canvas.nodes, [], new Map()) }
  }

  #ask(trial: Trial): void {
    this.asked = trial
  }
}
