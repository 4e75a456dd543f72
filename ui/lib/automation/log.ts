import { applyAll } from '#schemas/automation/change.ts'
import type { Definition } from '#schemas/automation/definition.ts'
import type { Change } from '#schemas/automation/problem.ts'

/** One act of a person: what it is called, what it changed, and what was chosen before and after. */
export type Command = {
  title: string
  changes: readonly Change[]
  /** Acts of the same key, one right after the other, are one: a word being typed, a node being dragged. */
  together: string | undefined
  before: Definition
  after: Definition
  chosenBefore: readonly string[]
  chosenAfter: readonly string[]
}

export type Step = { definition: Definition; chosen: readonly string[]; title: string }

/** How many acts can be undone. */
const most = 500

/**
 * What was done to a document, in order, so that all of it can be undone and done again. The document itself is never
 * changed in place, so a command keeps it as it was at no cost.
 *
 * @param replay what a command means for a document that others have changed since: `from` → `to`, laid over `now`
 */
export const commandLog = (replay: (from: Definition, to: Definition, now: Definition) => Definition) => {
  let done: Command[] = []
  let undone: Command[] = []
  let open = false

  const follow = (from: Definition, to: Definition, now: Definition) => (from === now ? to : replay(from, to, now))

  return {
    get undoTitle(): string | undefined {
      return done.at(-1)?.title
    },
    get redoTitle(): string | undefined {
      return undone.at(-1)?.title
    },
    /** Does it, and gives the document after it; the same document where it changes nothing. */
    do(
      now: Definition,
      act: { title: string; changes: readonly Change[]; together?: string | undefined },
      chosen: { before: readonly string[]; after: readonly string[] },
    ): Definition {
      if (act.changes.length === 0) return now
      const after = applyAll(now, act.changes)
      const last = done.at(-1)
      const command = {
        ...act,
        together: act.together,
        before: now,
        after,
        chosenBefore: chosen.before,
        chosenAfter: chosen.after,
      }
      if (
        open &&
        last !== undefined &&
        act.together !== undefined &&
        last.together === act.together &&
        last.after === now
      )
        done[done.length - 1] = {
          ...command,
          changes: [...last.changes, ...act.changes],
          before: last.before,
          chosenBefore: last.chosenBefore,
        }
      else done = [...done.slice(1 - most), command]
      open = true
      undone = []
      return after
    },
    /** What comes after is an act of its own, even under the same key. */
    close(): void {
      open = false
    },
    undo(now: Definition): Step | undefined {
      const command = done.pop()
      if (command === undefined) return undefined
      undone.push(command)
      open = false
      return {
        definition: follow(command.after, command.before, now),
        chosen: command.chosenBefore,
        title: command.title,
      }
    },
    redo(now: Definition): Step | undefined {
      const command = undone.pop()
      if (command === undefined) return undefined
      done.push(command)
      open = false
      return {
        definition: follow(command.before, command.after, now),
        chosen: command.chosenAfter,
        title: command.title,
      }
    },
  }
}

export type CommandLog = ReturnType<typeof commandLog>
