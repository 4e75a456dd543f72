import type { Merged } from '#schemas/automation/change.ts'
import type { Definition } from '#schemas/automation/definition.ts'
import { same } from '#schemas/automation/json.ts'

/**
 * How it stands with a draft: `waiting` is changed and not sent yet, `held` waits until a field is left that somebody else
 * has written in too, `offline` is sent again by itself, `refused` is not.
 */
export type SaveState = 'saved' | 'waiting' | 'held' | 'saving' | 'offline' | 'refused'

/** A draft that somebody else has saved. */
export type Moved = { revision: number; definition: Definition; by: string | undefined }

/** What came of sending a draft. `moved`: somebody else has saved since; what they made of it. */
export type Sent = { ok: true; revision: number } | { moved: Moved } | { offline: true } | { refused: unknown }

type Around = {
  send(definition: Definition, revision: number): Promise<Sent>
  merge(base: Definition, mine: Definition, theirs: Definition): Merged
  /** Calls back after so many ms; gives the way to call it off. */
  later(ms: number, act: () => void): () => void
  onstate(state: SaveState, error?: unknown): void
  /** Whether one of these fields is being typed in: then what others made of it waits until that is left. */
  isTyped(conflicts: Merged['conflicts']): boolean
  /** The draft after somebody else's changes came into it. */
  onmerged(merged: Merged, by: string | undefined): void
}

/** Typing pauses for so long (ms) before the draft is sent. */
const pauseMs = 700
/** An absent server is asked again after so long (ms). */
const againMs = 4000

/** Keeps a draft saved while it is edited: one request at a time, the newest state last, and nothing overwritten unseen. */
export const saver = (begun: { definition: Definition; revision: number }, around: Around) => {
  let base = begun.definition
  let revision = begun.revision
  let mine = begun.definition
  /** Mine where nobody has changed it: all that is new in it are places that were computed. */
  let placed: Definition | undefined
  let sending: Promise<void> | undefined
  let callOff = () => {}
  /** What somebody else saved, while a field of theirs is being typed in. */
  let held: Moved | undefined

  const clean = () => mine === base || mine === placed || same(mine, base)

  const plan = (ms: number) => {
    callOff()
    callOff = around.later(ms, () => void flush())
  }

  const takeIn = (theirs: Moved) => {
    const merged = around.merge(base, mine, theirs.definition)
    held = around.isTyped(merged.conflicts) ? theirs : undefined
    if (held !== undefined) return around.onstate('held')
    base = theirs.definition
    revision = theirs.revision
    mine = merged.definition
    around.onmerged(merged, theirs.by)
    around.onstate(clean() ? 'saved' : 'waiting')
    if (!clean()) plan(0)
  }

  const round = async (): Promise<void> => {
    const sent = mine
    around.onstate('saving')
    const came = await around.send(sent, revision)
    if ('ok' in came) {
      base = sent
      revision = came.revision
      around.onstate(clean() ? 'saved' : 'waiting')
      if (!clean()) plan(pauseMs)
      return
    }
    if ('moved' in came) {
      takeIn(came.moved)
      return
    }
    if ('offline' in came) {
      around.onstate('offline')
      plan(againMs)
      return
    }
    around.onstate('refused', came.refused)
  }

  const settled = async (): Promise<void> => {
    if (sending === undefined) return
    await sending
    return settled()
  }

  /** Sends what is not saved yet, now; done when it is. */
  const flush = async (): Promise<void> => {
    callOff()
    // whoever waited before may have begun another
    if (sending !== undefined) await settled()
    if (clean() || held !== undefined) return
    sending = round()
    try {
      await sending
    } finally {
      sending = undefined
    }
  }

  return {
    get revision(): number {
      return revision
    },
    get saved(): boolean {
      return clean() && sending === undefined
    },
    /** `computed`: only places are new in it, which are saved with the next change that a person makes. */
    changed(definition: Definition, computed = false): void {
      if (definition === mine) return
      if (computed && clean()) placed = definition
      mine = definition
      if (clean() && sending === undefined) return around.onstate('saved')
      around.onstate(held !== undefined ? 'held' : sending === undefined ? 'waiting' : 'saving')
      plan(pauseMs)
    },
    /** The draft came anew from the server: a version was taken over. */
    reset(to: { definition: Definition; revision: number }): void {
      callOff()
      held = undefined
      base = to.definition
      mine = to.definition
      revision = to.revision
      around.onstate('saved')
    },
    /** A newer revision is told of: what others have saved comes in without waiting for the next save here. */
    async heard(newest: number, look: () => Promise<Moved>): Promise<void> {
      await settled()
      if (newest <= revision) return
      const lookIn = async (): Promise<void> => {
        const theirs = await look()
        if (theirs.revision > revision) takeIn(theirs)
      }
      sending = lookIn()
      try {
        await sending
      } finally {
        sending = undefined
      }
    },
    /** The field that was typed in is left. */
    left(): void {
      if (held !== undefined) takeIn(held)
    },
    flush,
    close: () => callOff(),
  }
}

export type Saver = ReturnType<typeof saver>
