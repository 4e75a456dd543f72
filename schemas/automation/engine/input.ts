import type { Definition, Json, JsonObject } from '../definition.ts'
import type { Failing } from '../failure.ts'
import type { PageOf } from './host.ts'
import type { EngineState } from './state.ts'

/** What a node came to in an earlier run, or is pinned to for a test. */
export type Settled = { ports: readonly string[]; output: Json; failing?: Failing } | 'skipped'

/** What is known of a node before the run begins: that it is through, or, of a loop or a block, how far it had come. */
export type Seed = Settled | Begun

/** A loop or a block that goes on where an earlier run left off. */
export type Begun = {
  /** What it goes on as; where it has become another kind, it begins anew. */
  kind: string
  kept: JsonObject
  /** What is known of the nodes in the bodies that go on, each as `port/turn`. */
  bodies: Record<string, Record<string, Seed>>
  /** Steps of bodies that are over, as `node#iteration`: nothing hangs on them but the picture. */
  over: Record<string, Settled>
}

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
