import type { Definition, Json, JsonObject } from './definition.ts'
import type { EngineInput } from './engine/input.ts'
import type { Edits, EngineState, Undoing } from './engine/state.ts'

import type { RunScope } from '../runs.ts'

/** Input of the `automation` workflow: which version runs, on what, and as whose part. */
export type AutomationRun = RunScope & {
  /** The run that this work first began with; a re-run keeps it, so that outside systems see the same thing. */
  origin: string
  /** By node that an earlier run did and undid: the run that does it again, so that outside it is not taken for done. */
  redone?: Record<string, string>
  automation: string
  handle: string
  name: string
  /** SHA-256 of the canonical document, in hex, and its number in the line of versions. */
  version: string
  number: number
  /** The rules by which the graph is walked; a run keeps those it began with. */
  semantics: number
  /** By value where it is small; else the first step fetches it by its version. */
  definition: Definition | null
  input: JsonObject
  startedAt: string
  /** The steps of the runs that this one stands in, outermost first: `sub#0/`. */
  path?: string
  /** How many runs this one stands in. */
  depth: number
  parent: string | null
  test?: boolean
  seed?: EngineInput['seed']
  pins?: Record<string, Json>
  items?: JsonObject
  until?: string
  page?: EngineInput['page']
  state?: EngineState
  /** Events after which the run goes on in a fresh history; the server’s advice unless given. */
  carryOnAfter?: number
}

/** The largest definition that travels in the input of its runs, in bytes of JSON. */
export const largestByValue = 100_000

export type AutomationEnd = {
  run: string
  outcome: string | null
  output: Json
  vars?: JsonObject
  heard?: number
  undo?: Undoing[]
}

/** What a person decided, as the update carries it and the validator's refusal names it. */
export type DecisionInput = {
  /** `node#iteration` of the approval. */
  step: string
  decision: 'approve' | 'reject'
  text: string | null
  note: string | null
  values: JsonObject
  by: { id: string; name: string }
}

/** An event from outside, on its way to the step that waits for it. */
export type DeliveredEvent = { step: string; id: string; data: Json }

/** That somebody passed on the approval of a step, for the how manieth time. */
export type PassedOn = { step: string; times: number }

/** What a run tells those that it waits for: whether it is paused now, and who saw to that. */
export type Holding = { on: boolean; by: { id: string; name: string } }

/** What a run tells the pages of its loops: the variables that people changed in it, how often in all, and who did last. */
export type Edited = { edits: Edits; count: number; by: { id: string; name: string } }

/** What a run begins with besides its input. */
export type RunOptions = Partial<
  Pick<AutomationRun, 'path' | 'redone' | 'depth' | 'parent' | 'test' | 'seed' | 'pins' | 'items' | 'until' | 'page'>
>

/** What the engine is given of a run. */
export function engineInput(run: AutomationRun & { definition: Definition }): EngineInput {
  const { definition, input, handle, name, number, startedAt } = run
  const test = run.test === true
  const about = { id: run.run, automation: handle, name, version: number, startedAt, test }
  return {
    definition,
    semantics: run.semantics,
    input,
    run: about,
    test,
    ...(run.seed === undefined ? {} : { seed: run.seed }),
    ...(run.pins === undefined ? {} : { pins: run.pins }),
    ...(run.items === undefined ? {} : { items: run.items }),
    ...(run.until === undefined ? {} : { until: run.until }),
    ...(run.page === undefined ? {} : { page: run.page }),
    ...(run.state === undefined ? {} : { state: run.state }),
  }
}
