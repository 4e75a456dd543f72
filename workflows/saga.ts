import { CancellationScope, log } from '@temporalio/workflow'

type Undo = { name: string; undo: (why: string) => Promise<unknown> }

/**
 * Undo steps of what has succeeded so far, run newest first when a later step fails for good or the run is
 * cancelled. They run where cancellation cannot reach them, and one that fails does not keep the others from running.
 */
export class Saga {
  readonly #undo: Undo[] = []

  add(name: string, undo: Undo['undo']): void {
    this.#undo.push({ name, undo })
  }

  /** From here on there is nothing to undo: what was promised outside has been kept. */
  settle(): void {
    this.#undo.length = 0
  }

  async compensate(why: string): Promise<void> {
    await CancellationScope.nonCancellable(async () => {
      for (const { name, undo } of this.#undo.toReversed())
        await undo(why).catch((error: unknown) => log.warn('compensation failed', { name, error: String(error) }))
    })
  }
}
