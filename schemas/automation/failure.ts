import type { Json } from './json.ts'

/** Why a node or a run failed: a code that error ports are typed by, and a sentence for a person. */
export type Failing = {
  code: string
  message: string
  node?: string
  details?: Json
  /** The machine's own words, for who wants to look closer. */
  said?: string
}

/** Thrown by nodes that fail for good; what it says may be shown and is matched with error ports. */
export class Failure extends Error {
  override name = 'Failure'
  readonly failing: Failing

  constructor(code: string, message: string, extra: Partial<Failing> = {}) {
    super(message)
    this.failing = { ...extra, code, message }
  }
}

/** Thrown where work was ended from outside: a lost race, a cancelled run, a node that a person skipped. */
export class Stopped extends Error {
  override name = 'Stopped'
}

/** Thrown by what waits when the run is about to be carried on in a fresh history; it waits on there. */
export class CarriedOn extends Error {
  override name = 'CarriedOn'
}
