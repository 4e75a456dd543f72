import { pause } from '#activities/lifecycle.ts'
import type { Log } from '#activities/log.ts'
import { HistoryTail } from '#temporal/history.ts'
import { newFold } from '#temporal/fold.ts'
import { projectEvents, type ProjectDeps, type ProjectedRun } from './project.ts'

/** A run stays watched this long after the last viewer was heard of, in ms. */
const lease = 15_000
/** After a batch of events, wait this long for more before asking again, in ms: fewer polls, still under a frame. */
const gather = 4

/**
 * Follows the histories of the runs that somebody is looking at: one long poll a run, however many viewers there are.
 * Each exit of the loop is one of: the run closed, nobody watches any more, or the watcher was stopped; a fault is
 * waited out and the poll goes on from where it was.
 */
export class RunWatcher {
  readonly #deps: ProjectDeps
  readonly #log: Log
  readonly #until = new Map<string, number>()
  readonly #loops = new Map<string, Promise<void>>()
  readonly #stopping = new AbortController()

  constructor(deps: ProjectDeps, log: Log) {
    this.#deps = deps
    this.#log = log
  }

  get watching(): number {
    return this.#loops.size
  }

  /** Somebody looks at this run now; say so again every few seconds while they do. */
  watch(run: ProjectedRun): void {
    if (this.#stopping.signal.aborted) return
    this.#until.set(run.id, Date.now() + lease)
    if (this.#loops.has(run.id)) return
    const loop = this.#follow(run).finally(() => {
      this.#loops.delete(run.id)
      this.#until.delete(run.id)
    })
    this.#loops.set(run.id, loop)
  }

  /** Lets go of the polls in flight, and resolves when all that they had brought is written. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await Promise.all(this.#loops.values())
  }

  #watched(run: string): boolean {
    return !this.#stopping.signal.aborted && (this.#until.get(run) ?? 0) > Date.now()
  }

  async #follow(run: ProjectedRun): Promise<void> {
    const { signal } = this.#stopping
    let fold = newFold()
    let tail = new HistoryTail(this.#deps.temporal, run.id)
    let faults = 0
    while (this.#watched(run.id)) {
      try {
        const more = await tail.next({ wait: true, signal })
        faults = 0
        await projectEvents(this.#deps, run, fold, tail.events)
        if (fold.close !== null || !more) return
        await pause(gather, signal)
      } catch (error) {
        if (signal.aborted) return
        // what was folded and not written is folded again
        fold = newFold()
        if (faults++ === 0) this.#log.warn('following a run failed; going on', { run: run.id, error: String(error) })
        else tail = new HistoryTail(this.#deps.temporal, run.id)
        await pause(Math.min(100 * 2 ** faults, 3000), signal)
      }
    }
  }
}
