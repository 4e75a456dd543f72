import type { Context } from '@temporalio/activity'
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker'
import { CancelledFailure } from '@temporalio/common'
import { recordAttempts, type AttemptReport } from '#activities/runs/store-attempts.ts'
import type { Databases } from '#activities/database.ts'
import type { Log } from '#activities/log.ts'

/** Reports waiting to be written; beyond this the oldest are dropped: they are a comfort, history is the truth. */
const most = 10_000

/**
 * Writes down each try of an activity as it starts and ends, which history tells only when the last one is over.
 * Reports go out in batches on the side: an activity never waits for them and never fails by them.
 */
export class AttemptReporter {
  readonly #db: Databases
  readonly #log: Log
  #waiting: AttemptReport[] = []
  #writing: Promise<void> | undefined

  constructor(db: Databases, log: Log) {
    this.#db = db
    this.#log = log
  }

  report(one: AttemptReport): void {
    this.#waiting.push(one)
    if (this.#waiting.length > most) this.#waiting.shift()
    this.#writing ??= this.#write().finally(() => (this.#writing = undefined))
  }

  /** Resolves when all that was reported so far is written or given up. */
  async flush(): Promise<void> {
    await this.#writing
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      // one turn of the loop, so that what starts together is written together
      await new Promise((resolve) => setImmediate(resolve))
      const batch = this.#waiting.splice(0, 200)
      try {
        await recordAttempts(this.#db, batch)
      } catch (error) {
        this.#log.warn('could not record attempts', { count: batch.length, error: String(error) })
      }
    }
  }

  interceptor(context: Context, worker: string): ActivityInboundCallsInterceptor {
    const { activityId, attempt, workflowExecution } = context.info
    let begunAt = new Date()
    const report = (state: Pick<AttemptReport, 'outcome' | 'message'> & { progress?: string }) => {
      if (workflowExecution !== undefined)
        this.report({
          run: workflowExecution.workflowId,
          activityId,
          n: attempt,
          begunAt,
          at: new Date(),
          worker,
          progress: null,
          ...state,
        })
    }
    return {
      async execute(input, next) {
        begunAt = new Date()
        report({ outcome: 'running', message: null })
        const heartbeat = context.heartbeat
        Object.assign(context, {
          heartbeat: (details?: unknown) => {
            report({ outcome: 'running', message: null, progress: JSON.stringify(details ?? null).slice(0, 500) })
            heartbeat.call(context, details)
          },
        })
        try {
          const result = await next(input)
          report({ outcome: 'completed', message: null })
          return result
        } catch (error) {
          const cancelled = error instanceof CancelledFailure
          const message = error instanceof Error ? error.message.slice(0, 500) : String(error)
          report({ outcome: cancelled ? 'cancelled' : 'failed', message })
          throw error
        }
      },
    }
  }
}
