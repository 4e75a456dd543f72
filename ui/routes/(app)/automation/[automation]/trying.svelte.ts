import type { Definition, JsonObject } from '#schemas/automation/definition.ts'
import type { Run } from '#schemas/runs.ts'
import { namesIn, previewOf, type Preview } from '#ui/lib/automation/preview.ts'
import type { Turns } from '#ui/lib/automation/turns.ts'
import { aloneOn, type Shown, type Trial } from './trial.ts'

/** The run that is shown on the drawing being edited, and the one that is about to be started. */
export class Trying {
  asked = $state.raw<Trial>()
  run = $state.raw<Run>()
  turns = $state.raw<Turns>(new Map())
  seen = $state.raw<Shown>()
  #input = $state.raw<JsonObject>()
  #last: Trial | undefined

  /** What the run before was given. */
  get input(): JsonObject | undefined {
    return this.#input
  }

  whole = (): void => this.#ask({ live: false })
  again = (): void => this.#ask(this.#last ?? { live: false })

  /** Tests what leads to a node, or the node alone on what the run that is shown gave. */
  part = (definition: Definition, node: string, only: boolean): void => {
    if (!only) return this.#ask({ live: false, until: node })
    const trial = aloneOn(definition, node, this.seen)
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

  /** What the fields of a node came to in the run that is shown. */
  previews(definition: Definition, node: string): ((value: unknown) => Preview | undefined) | undefined {
    if (this.seen === undefined) return undefined
    const names = namesIn(definition, this.seen.canvas, this.seen.walked, node)
    return (value) => previewOf(value, names)
  }

  #ask(trial: Trial): void {
    this.asked = trial
  }
}
