import type { Json, JsonObject } from '../definition.ts'
import { keyOf, type NodeChange, type Turn } from './host.ts'

/** What is taken down of a run while it is walked, so that another one can go on from any of its steps. */
export class Trace {
  readonly changes: NodeChange[] = []
  /** The variables as they were when a step began, by `node#iteration`. */
  readonly varsAt = new Map<string, JsonObject>()
  /** What steps had kept at last, by `node#iteration`. */
  readonly kept = new Map<string, JsonObject>()
  /** What a loop had kept when a turn of it began, by the loop and the iteration of what stands in the turn. */
  readonly keptAt = new Map<string, JsonObject>()
  /** Items of turns, by the same. */
  readonly items = new Map<string, Json>()
  /** The runs that pages of loops were, by the loop and then by the first item of each. */
  readonly pages = new Map<string, Map<number, string>>()
  /** The variables as they were last. */
  vars: JsonObject = {}

  /** `vars` are those of the moment. */
  changed(change: NodeChange, vars: JsonObject): void {
    this.changes.push(change)
    if (!same(this.vars, vars)) this.vars = { ...vars }
    if (change.state !== 'running') return
    const key = keyOf(change)
    this.varsAt.set(key, this.vars)
    if (change.kept !== undefined) this.kept.set(key, change.kept)
  }

  turned({ node, iteration, item, kept }: Turn): void {
    const key = keyOf({ node, iteration })
    if (item !== undefined) this.items.set(key, item)
    // turns of a list have no need of it, and it would be the whole list for each
    else this.keptAt.set(key, { ...kept })
  }

  paged({ node, iteration, from, run }: { node: string; iteration: string; from: number; run: string }): void {
    const key = keyOf({ node, iteration })
    this.pages.set(key, (this.pages.get(key) ?? new Map<number, string>()).set(from, run))
  }
}

/** Values of variables are replaced and never changed. */
const same = (some: JsonObject, others: JsonObject): boolean => {
  const names = Object.keys(others)
  return names.length === Object.keys(some).length && names.every((name) => some[name] === others[name])
}
