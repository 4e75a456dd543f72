import { initialOf } from '../variable.ts'
import type { JsonObject } from '../definition.ts'
import type { EngineInput } from './input.ts'
import type { Edits, EngineState, VariablesState } from './state.ts'

/** What variables begin with: those of a history before, of the run around a page, or as they are drawn. */
type Begun = Pick<EngineInput, 'page' | 'definition' | 'seed'> & { state?: Pick<EngineState, 'vars' | 'variables'> }

/**
 * The variables of a run, and what people changed of them while it was at work: pages of its loops are told of that, and
 * what they set themselves stands against it in the order in which they heard of it.
 */
export class Variables {
  readonly values: JsonObject
  /** The newest change of each that people changed here, numbered in their order. */
  readonly edits: Edits = {}
  #edited: number
  /** How many changes of the run around it this one has heard of. */
  #heard: number
  /** Those that steps set, and that nobody has changed since. */
  readonly #own: Set<string>
  readonly #told: () => void

  constructor({ state, page, definition, seed }: Begun, told: () => void) {
    this.values = state?.vars ?? page?.vars ?? { ...initialOf(definition), ...seed?.vars }
    this.#edited = state?.variables?.edited ?? 0
    this.#heard = state?.variables?.heard ?? page?.heard ?? 0
    this.#own = new Set(state?.variables?.own)
    this.#told = told
  }

  /** What a step sets. */
  set(values: JsonObject): void {
    for (const name of Object.keys(values)) this.#own.add(name)
    this.#put(values)
  }

  /** What a person changes in this run. In a page it counts for the run around it as if a step had set it. */
  edit(values: JsonObject): void {
    this.#note(values)
    this.set(values)
  }

  /** What people have changed in the run that this one is a page of; what was heard of before counts no more. */
  hear(edits: Edits): void {
    const news = Object.entries(edits).filter(([, { n }]) => n > this.#heard)
    if (news.length === 0) return
    this.#heard = Math.max(...news.map(([, { n }]) => n))
    const values = Object.fromEntries(news.map(([name, { value }]) => [name, value]))
    for (const name of Object.keys(values)) this.#own.delete(name)
    this.#note(values)
    this.#put(values)
  }

  /** How many changes there were: what a page that begins now need not be told of. */
  get edited(): number {
    return this.#edited
  }

  /** What a page hands back: what its steps set, and how many of the changes it had heard of. */
  end(): { vars: JsonObject; heard: number } {
    const own = Object.entries(this.values).filter(([name]) => this.#own.has(name))
    return { vars: Object.fromEntries(own), heard: this.#heard }
  }

  /** What counts of that here: a change that the page had not heard of came later than all that it did. */
  of({ vars, heard }: { vars: JsonObject; heard: number }): JsonObject {
    return Object.fromEntries(Object.entries(vars).filter(([name]) => (this.edits[name]?.n ?? 0) <= heard))
  }

  state(): VariablesState {
    return { edited: this.#edited, heard: this.#heard, own: [...this.#own] }
  }

  #note(values: JsonObject): void {
    for (const [name, value] of Object.entries(values)) this.edits[name] = { n: ++this.#edited, value }
  }

  #put(values: JsonObject): void {
    Object.assign(this.values, values)
    this.#told()
  }
}
