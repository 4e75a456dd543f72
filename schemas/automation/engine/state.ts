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
  variables?: VariablesState
  /** Whether it is paused by itself, and whether with the run that it stands in. */
  paused: boolean
  pausedAround?: boolean
  /** Steps to pass over when the run comes to them. */
  skips?: string[]
}

/** What people changed of variables: the newest of each, numbered in the order of all. */
export type Edits = Record<string, { n: number; value: Json }>

/** How many changes people made here, how many of the run around are known, and what steps set that nobody changed since. */
export type VariablesState = { edited: number; heard: number; own: string[] }

export type Message = { node: string; type: string; data: JsonObject }

/** How a run, or one history of it, ended. */
export type EngineEnd =
  | {
      end: 'completed'
      outcome: string | null
      output: Json
      /** All; of a page, those that its steps set. */
      vars: JsonObject
      /** Of a page: how many changes of the run around it were known to it. */
      heard?: number
      undo: Undoing[]
    }
  | { end: 'failed'; failing: Failing; undone: Undone[] }
  | { end: 'stopped'; undone: Undone[] }
  | { end: 'carried_on'; state: EngineState }
