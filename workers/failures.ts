import type { Context } from '@temporalio/activity'
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker'
import { ApplicationFailure } from '@temporalio/common'
import { errors, isFault, type Fault } from '#schemas/errors.ts'

/**
 * Turns a `Fault` into the failure Temporal understands: its code as type, retried or not by the table. What an
 * activity throws once it was told to stop is not its own fault: the step is handed back, or cancelled where that was asked.
 */
export const faultsToFailures = ({ cancellationSignal }: Context): ActivityInboundCallsInterceptor => ({
  async execute(input, next) {
    try {
      return await next(input)
    } catch (error) {
      if (cancellationSignal.aborted) throw stopped(cancellationSignal.reason)
      throw isFault(error) ? toFailure(error) : error
    }
  },
})

/** A worker that stops lets another one take the step at once; any other reason is a cancellation. */
const stopped = (reason: unknown): unknown =>
  reason instanceof Error && reason.message === 'WORKER_SHUTDOWN'
    ? ApplicationFailure.create({
        type: 'worker_stopped',
        message: 'The worker was stopped; another one goes on.',
        nextRetryDelay: 1,
      })
    : reason

const toFailure = (fault: Fault): ApplicationFailure => {
  const { retryAfterMs } = fault.extra
  return ApplicationFailure.create({
    type: fault.code,
    message: fault.message,
    nonRetryable: !errors[fault.code].retryable,
    details: [fault.extra],
    cause: fault,
    ...(typeof retryAfterMs === 'number' ? { nextRetryDelay: retryAfterMs } : {}),
  })
}
