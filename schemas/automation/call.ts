import type { RunScope } from '../runs.ts'

/** In which run an activity of an automation works, and for which step; every call carries it. */
export type CallScope = RunScope & {
  /** The run that this one repeats, itself else: what outside systems know the work by. */
  origin: string
  /** The steps of the runs that it stands in, outermost first: `sub#0/`. */
  path?: string
  /** `node#iteration`: with `origin` and `path`, the key that makes a write safe to repeat. */
  step: string
  /** Which of several activities of one step this is. */
  part?: string
  /** Whether the run is a test. */
  test: boolean
}

/** That a step may give what it gave before: under which key, of which automation, and for how long. */
export type Cached = { automation: string; key: string; forMs: number }

/** What the worker's side of an activity is given: the scope, and beside it the fields that its kind sends. */
export type Call<Fields = unknown> = CallScope & Fields
