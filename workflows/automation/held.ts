import type { ChildWorkflowHandle } from '@temporalio/workflow'
import type { AutomationEnd, Holding } from '#schemas/automation/run.ts'
import { messages } from '#temporal/names.ts'

type Child = Pick<ChildWorkflowHandle<() => Promise<AutomationEnd>>, 'result' | 'signal'>

/**
 * The runs that a run waits for, which are told when it is paused and when it goes on. It is the workflow that tells
 * them: that it heeded somebody and whom it has to tell stands in its history at once, whoever dies then.
 */
export class Held {
  readonly #open = new Set<(holding: Holding) => void>()
  #last: Holding | null = null

  tell(holding: Holding): void {
    this.#last = holding
    for (const tell of this.#open) tell(holding)
  }

  /** Begins a run and waits for its end; what is to be told while it is being begun is told once it has. */
  async over(begin: () => Promise<Child>): Promise<AutomationEnd> {
    const before = this.#last
    const child = await begin()
    const tell = oneByOne((holding) => child.signal<[Holding]>(messages.hold, holding))
    if (this.#last !== null && this.#last !== before) tell(this.#last)
    this.#open.add(tell)
    try {
      return await child.result()
    } finally {
      this.#open.delete(tell)
    }
  }
}

/** Says one thing after the other, in order; what is overtaken before it was said is left out. */
const oneByOne = (say: (holding: Holding) => Promise<void>): ((holding: Holding) => void) => {
  let next: Holding | null = null
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
  return (holding) => {
    next = holding
    if (!busy) void go()
  }
}
