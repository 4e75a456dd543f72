import type { Json, JsonObject, Node } from '../definition.ts'
import type { Names } from '../expression.ts'
import { Failure, Stopped } from '../failure.ts'
import { undoInput } from '../kinds/operation.ts'
import { resolve } from '../value.ts'
import type { Host, StepRef } from './host.ts'
import type { Undoing } from './state.ts'

/** What undoing a step came to. */
export type Undone = { node: string; title: string; ok: boolean; message?: string }

/** The steps of a run that can be undone, oldest first. */
export class UndoStack {
  readonly #host: Host
  readonly #steps: Undoing[]

  constructor(host: Host, steps: readonly Undoing[] = []) {
    this.#host = host
    this.#steps = [...steps]
  }

  state(): Undoing[] {
    return [...this.#steps]
  }

  /** A node has done what it says how to undo; what that needs is worked out now, as things stand. */
  push(names: Names, { id, undo }: Node, { iteration, title }: StepRef): void {
    if (undo === undefined) return
    const input = resolve(undo.input ?? {}, names) as JsonObject
    this.#steps.push({ node: id, iteration, title: undo.title ?? `Undo: ${title}`, operation: undo.operation, input })
  }

  /** Takes over what a page of a loop has done. */
  take(steps: readonly Undoing[]): void {
    this.#steps.push(...steps)
  }

  /** Undoes newest first, where cancelling cannot reach; one that fails does not keep the others from it. */
  async all(why: string, nodes?: readonly string[]): Promise<Undone[]> {
    const undone: Undone[] = []
    for (const one of this.#of(nodes).toReversed()) {
      this.#steps.splice(this.#steps.indexOf(one), 1)
      const { node, iteration, title, operation, input } = one
      try {
        await this.#host.act(
          { node, iteration, title },
          operation,
          { input: undoInput(operation, input, why) },
          { queue: 'connectors', part: 'undo', title, allMs: 300_000 },
          this.#host.token(null),
        )
        undone.push({ node, title, ok: true })
      } catch (error) {
        if (!(error instanceof Failure) && !(error instanceof Stopped)) throw error
        undone.push({ node, title, ok: false, message: error.message })
      }
    }
    return undone
  }

  /** What these nodes, or all, have done stays done. */
  keep(nodes?: readonly string[]): Json {
    const kept = this.#of(nodes)
    for (const one of kept) this.#steps.splice(this.#steps.indexOf(one), 1)
    return kept.map((one) => one.node)
  }

  #of(nodes?: readonly string[]): Undoing[] {
    return this.#steps.filter((one) => nodes === undefined || nodes.includes(one.node))
  }
}
