import type { Definition, Json, JsonObject } from '../definition.ts'
import type { Failing } from '../failure.ts'
import type { PageOf } from './host.ts'
import type { EngineState } from './state.ts'

/** What is known of a node before the run begins: from an earlier run, or pinned for a test. */
export type Seed = { ports: readonly string[]; output: Json; failing?: Failing } | 'skipped'

/** What a run, or one history of it, begins with. */
export type EngineInput = {
  definition: Definition
  /** The number of the rules by which it is walked; today's unless given. */
  semantics?: number
  input: JsonObject
  /** What expressions call `run`. */
  run: JsonObject
  test?: boolean
  /** Nodes that are taken from an earlier run, and the variables as they were there; of a loop, in each of its turns. */
  seed?: { nodes: Record<string, Seed>; vars: JsonObject }
  /** Outputs taken in place of executing nodes, in tests. */
  pins?: Record<string, Json>
  /** The one item of a loop that makes a single turn, in a test of what is in it. */
  items?: JsonObject
  /** Ends the run when this node is through. */
  until?: string
  /** The turns of a loop that this run works through for another one. */
  page?: PageOf
  /** Where an earlier history of this run left off. */
  state?: EngineState
}
