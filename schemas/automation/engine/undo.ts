import { titleOf, type Json, type JsonObject, type Node, type Undo } from '../definition.ts'
import type { Names } from '../expression.ts'
import { Failure, Stopped } from '../failure.ts'
import { undoInput } from '../kinds/operation.ts'
import { resolve } from '../value.ts'
import type { Host } from './host.ts'
import type { Undoing } from './state.ts'

/** What undoing a step came to. */
export type Undone = { node: string; iteration?: string; title: string; ok: boolean; message?: string }

/** Where a node stands that is to be undone: what it sees, and in which turn. */
type At = { names: Names; iteration: string }

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

  /** A node begins that is to be undone also when it fails half-way. */
  begun({ names, iteration }: At, node: Node): void {
    if (node.undo?.after === 'begun') this.#push(names, iteration, node, node.undo)
  }

  /** A node has done what it says how to undo. */
  done({ names, iteration }: At, node: Node, output: Json): void {
    if (node.undo === undefined || node.undo.after === 'begun') return
    const steps = { ...(names.steps as JsonObject | undefined), [node.id]: output }
    this.#push({ ...names, steps }, iteration, node, node.undo)
  }

  /**
   * What undoing needs is worked out now, as things stand. Where it cannot be, the node fails: that is told at once, and
   * not when it is to be undone.
   */
  #push(names: Names, iteration: string, node: Node, undo: Undo): void {
    const name = titleOf(node)
    const { operation, title = `Undo: ${name}` } = undo
    this.#steps.push({ node: node.id, iteration, title, operation, input: inputOf(undo, names, name) })
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
        undone.push({ node, iteration, title, ok: true })
      } catch (error) {
        if (!(error instanceof Failure) && !(error instanceof Stopped)) throw error
        undone.push({ node, iteration, title, ok: false, message: error.message })
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

const inputOf = ({ input = {} }: Undo, names: Names, title: string): JsonObject => {
  try {
    return resolve(input, names) as JsonObject
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    const { code, message } = error.failing
    throw new Failure(code, `What undoes “${title}” cannot be worked out: ${message}`)
  }
}
