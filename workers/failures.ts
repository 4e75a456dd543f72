import type { ActivityInboundCallsInterceptor } from '@temporalio/worker'
import { ApplicationFailure } from '@temporalio/common'
import { errors, isFault } from '#schemas/errors.ts'

/** Turns a `Fault` into the failure Temporal understands: its code as type, retried or not by the table. */
export const faultsToFailures = (): ActivityInboundCallsInterceptor => ({
  async execute(input, next) {
    try {
      return await next(input)
    } catch (error) {
      if (!isFault(error)) throw error
      const { retryAfterMs } = error.extra
      throw ApplicationFailure.create({
        type: error.code,
        message: error.message,
        nonRetryable: !errors[error.code].retryable,
        details: [error.extra],
        cause: error,
        ...(typeof retryAfterMs === 'number' ? { nextRetryDelay: retryAfterMs } : {}),
      })
    }
  },
})
