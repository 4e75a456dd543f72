import type { Json, JsonObject } from '../definition.ts'
import type { Failing } from '../failure.ts'
import type { Act } from '../kind.ts'
import type { Retry } from '../definition.ts'
import type { Begun } from './input.ts'

/** Which step of a run something belongs to: a node, in one of its iterations. */
export type StepRef = {
  node: string
  /** Turns of the loops around it, outermost first, as `2.3`; `0` outside of all. */
  iteration: string
  title: string
}

/** Ends work from outside. What is under a token ends with it. */
export interface Token {
  readonly stopped: boolean
  stop(): void
  /** Calls back when it is stopped, at once where it is already. */
  onStop(then: () => void): void
}

export type ActOptions = Act & { retry?: Retry | undefined; cache?: { key: string; forMs: number } | undefined }

/** The run that a step starts: an automation, or one page of a loop of this one. */
export type ChildStart =
  | { automation: string; version: string | null; input: JsonObject; wait: boolean; attempt?: number }
  | { page: PageOf }

/** Which of several runs that a step begins this is, in the name of the activity that asks for it. */
export const partOf = (start: ChildStart): string => {
  if ('page' in start) return `page-${start.page.from}`
  return start.attempt === undefined ? 'request' : `request-${start.attempt}`
}

/** What a run is told that works through one page of another run's loop. */
export type PageOf = {
  node: string
  iteration: string
  items: Json[]
  from: number
  concurrency: number
  names: JsonObject
  vars: JsonObject
  /** Steps of its turns that a person asked to skip before it began. */
  skips?: string[]
  /** How far an earlier run had come with these turns. */
  begun?: Begun
}

/**
 * What the engine leans on: time, activities, children. Temporal in a workflow; a history, to know again what a run did;
 * a simulation, in tests. A promise of it rejects with `Stopped` when its token is stopped, with `Failure` when the
 * step failed for good.
 */
export interface Host {
  /** Ms since 1970; the same for all that happens in one turn. */
  now(): number
  token(parent: Token | null): Token
  act(step: StepRef, activity: string, input: JsonObject, options: ActOptions, token: Token): Promise<Json>
  sleep(step: StepRef, ms: number, title: string, token: Token): Promise<void>
  /** `may` gives what is to be waited for between asking for the run and beginning it, if anything. */
  child(step: StepRef, start: ChildStart, token: Token, may: () => Promise<void> | null): Promise<Json>
  /** Whether the history has grown so long that the run is to go on in a fresh one: when it suits, or at once. */
  long(): 'no' | 'soon' | 'now'
  /** Told of each change of a node, in order. */
  changed?(change: NodeChange): void
  /** Told of each turn of a loop that begins, and the item that it is about. */
  turned?(turn: Turn): void
}

/** A turn of a loop: the iteration of what stands in it, the item, if any, and what the loop had kept when it began. */
export type Turn = { node: string; iteration: string; item: Json | undefined; kept: JsonObject }

export type NodeChange = StepRef & {
  at: number
  state: 'running' | 'waiting' | 'completed' | 'failed' | 'skipped' | 'stopped' | 'seeded' | 'disabled'
  ports?: readonly string[]
  output?: Json
  failing?: Failing
  /** Of one that begins: what it keeps, as it stands at any time. */
  kept?: JsonObject
}

export const keyOf = ({ node, iteration }: Pick<StepRef, 'node' | 'iteration'>): string => `${node}#${iteration}`
