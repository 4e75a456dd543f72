import type { ChildWorkflowHandle } from '@temporalio/workflow'
import type { AutomationEnd, Edited, Holding } from '#schemas/automation/run.ts'
import { messages } from '#temporal/names.ts'

type Child = Pick<ChildWorkflowHandle<() => Promise<AutomationEnd>>, 'result' | 'signal'>
type Open = { hold: (holding: Holding) => void; edit?: (edited: Edited) => void }

/**
 * The runs that a run waits for, which are told when it is paused and when it goes on, and the pages among them which
 * variables a person changed. It is the workflow that tells them: that it heeded somebody and whom it has to tell stands
 * in its history at once, whoever dies then.
 */
export class Held {
  readonly #open = new Set<Open>()
  #last: Holding | null = null
  #edited: Edited | null = null

  tell(holding: Holding): void {
    this.#last = holding
    for (const { hold } of this.#open) hold(holding)
  }

  edit(edited: Edited): void {
    this.#edited = edited
    for (const { edit } of this.#open) edit?.(edited)
  }

  /**
   * Begins a run and waits for its end; what is to be told while it is being begun is told once it has. A page says how
   * many changes were in the variables that it was given.
   */
  async over(begin: () => Promise<Child>, page: { heard?: number } | null): Promise<AutomationEnd> {
    const before = this.#last
    const child = await begin()
    const hold = oneByOne((holding: Holding) => child.signal<[Holding]>(messages.hold, holding))
    if (this.#last !== null && this.#last !== before) hold(this.#last)
    const open: Open = { hold }
    if (page !== null) {
      open.edit = oneByOne((edited: Edited) => child.signal<[Edited]>(messages.edit, edited))
      if (this.#edited !== null && this.#edited.count > (page.heard ?? 0)) open.edit(this.#edited)
    }
    this.#open.add(open)
    try {
      return await child.result()
    } finally {
      this.#open.delete(open)
    }
  }
}

/** Says one thing after the other, in order; what is overtaken before it was said is left out. */
const oneByOne = <T>(say: (what: T) => Promise<void>): ((what: T) => void) => {
  let next: T | null = null
  let busy = false
  const go = async () => {
    busy = true
    for (let now = next; now !== null; now = next) {
      next = null
      // one that has ended meanwhile needs to hear nothing
      await say(now).catch(() => {})
    }
    busy = false
  }
  return (what) => {
    next = what
    if (!busy) void go()
  }
}
