import type { Json, JsonObject, JsonSchema } from './json.ts'

/** The number of the document's shape; a new shape comes with a function that lifts documents of the one before. */
export const format = 1

/**
 * The number of the rules by which the interpreter walks a graph. A run keeps the number it began with. Since 2: what was
 * never executed is not undone, a pinned output says by which way it goes on, a subflow is tried again, a variable holds
 * what it was declared for, nothing goes on after an error by a way it does not have, pages that set variables go one by
 * one, and a paused run begins no other. Since 3: a run that is paused, or goes on, tells the runs that it waits for.
 */
export const semantics = 3

/**
 * A field of a node: a literal, `{ cel }` for an expression over what is in scope, or `{ text }` for a text with
 * `{{ expressions }}` in it. Objects and lists may hold any of the three at any depth.
 */
export type Value = Json | { cel: string } | { text: string } | Value[] | { [key: string]: Value }

/** `90s`, `15m`, `1h30m`, `2d`, or an expression that gives such a text or a number of milliseconds. */
export type Duration = string | { cel: string }

export type Retry = {
  /** How often it is tried in all; 0 is without limit. */
  attempts?: number
  first?: string
  factor?: number
  most?: string
  /** Error codes that are not tried again. */
  not?: string[]
}

/** What undoes a step when a later one fails for good or the run is cancelled: one operation of a connector. */
export type Undo = {
  operation: string
  input?: Record<string, Value>
  title?: string
  /** `begun`: also when the step itself failed half-way. */
  after?: 'done' | 'begun'
}

export type Node = {
  /** A CEL identifier; expressions call the node's output `steps.<id>`. */
  id: string
  kind: string
  title?: string
  /** What this kind of node is told: the fields of its form. */
  with?: Record<string, Value>
  /** The loop or the parallel block whose body it stands in. */
  within?: string
  /** Where it stands on the canvas, from the top left of what it stands in. */
  at?: { x: number; y: number }
  retry?: Retry
  timeout?: Duration
  /** Error codes with a port of their own (`error:<code>`), beside `error`, which takes all others. */
  errors?: string[]
  continueOnError?: boolean
  /** The output of an earlier run of this node is taken where the key is the same and what it is told too, for so long. */
  cache?: { key: Value; for: string }
  undo?: Undo
  importance?: 'minor' | 'normal' | 'major'
  /** The output a test run takes in place of executing the node. */
  pin?: Json
  disabled?: boolean
}

export type Edge = { from: string; port?: string; to: string }

export type Group = { id: string; title: string; nodes: string[]; collapsed?: boolean; colour?: string }

export const variableTypes = ['string', 'number', 'boolean', 'object', 'list', 'any'] as const
export type Variable = {
  name: string
  type: (typeof variableTypes)[number]
  initial?: Json
  description?: string
}

export const concurrencyPolicies = ['serial', 'latest', 'skip', 'limit'] as const
export type Settings = {
  /** The longest a run may take. */
  timeout?: string
  concurrency?: { key?: Value; policy: (typeof concurrencyPolicies)[number]; limit?: number }
  /** 1 is served first, 5 last. */
  priority?: 1 | 2 | 3 | 4 | 5
  /** Days for which a closed run is kept. */
  retention?: number
  /** The automation that is started when a run of this one fails. */
  onFailure?: string
  /** What a run is called in lists. */
  title?: Value
}

export type Definition = {
  format: typeof format
  name: string
  description?: string
  input?: JsonSchema
  variables?: Variable[]
  /** What the run gives: names and where their values come from. */
  output?: Record<string, Value>
  settings?: Settings
  nodes: Node[]
  edges: Edge[]
  groups?: Group[]
}

/** The port that an edge leaves by unless it says another. */
export const mainPort = 'out'
export const portOf = (edge: Edge): string => edge.port ?? mainPort
export const edgeId = (edge: Edge): string => `${edge.from}:${portOf(edge)}>${edge.to}`
export const titleOf = (node: Node): string => node.title ?? node.id.replaceAll('_', ' ')

/** What a node id or a variable may be called: what CEL can name without brackets. */
export const name = /^[a-z][a-zA-Z0-9_]{0,63}$/

export type { Json, JsonObject, JsonSchema }
