import type { Json, JsonObject } from '../definition.ts'
import type { Failing } from '../failure.ts'
import type { Undone } from './undo.ts'

/** Where a node of a region stands. A node that is not named has not begun. */
export type NodeState =
  | { at: 'done'; ports: readonly string[]; output: Json; failing?: Failing; seeded?: boolean }
  | { at: 'skipped' }
  | { at: 'running'; kept: JsonObject; bodies: Record<string, RegionState> }

export type RegionState = { nodes: Record<string, NodeState> }

/** A step that can be undone, with its input as it was when the step ended. */
export type Undoing = { node: string; iteration: string; title: string; operation: string; input: JsonObject }

/** All that a run needs to go on in a fresh history. */
export type EngineState = {
  root: RegionState
  vars: JsonObject
  undo: Undoing[]
  ended: { outcome: string; output: Json } | null
  messages: Message[]
  /** Whether it is paused by itself, and whether with the run that it stands in. */
  paused: boolean
  pausedAround?: boolean
  /** Steps to pass over when the run comes to them. */
  skips?: string[]
}

export type Message = { node: string; type: string; data: JsonObject }

/** How a run, or one history of it, ended. */
export type EngineEnd =
  | { end: 'completed'; outcome: string | null; output: Json; vars: JsonObject; undo: Undoing[] }
  | { end: 'failed'; failing: Failing; undone: Undone[] }
  | { end: 'stopped'; undone: Undone[] }
  | { end: 'carried_on'; state: EngineState }
