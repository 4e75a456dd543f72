import type { Context } from '@temporalio/activity'
import { ApplicationFailure, CancelledFailure } from '@temporalio/common'
import { expect, test } from 'vitest'
import { errors, Fault, type ErrorCode } from '#schemas/errors.ts'
import { faultsToFailures } from './failures.ts'

const running = { cancellationSignal: new AbortController().signal } as Context
const thrownFor = async (error: unknown, context = running): Promise<unknown> => {
  const { execute } = faultsToFailures(context)
  try {
    return await execute?.({ args: [], headers: {} }, async () => {
      throw error
    })
  } catch (thrown) {
    return thrown
  }
}

test.each(Object.keys(errors) as ErrorCode[])('%s is retried or not as the table says', async (code) => {
  const failure = await thrownFor(new Fault(code, 'Because.', { system: 'The CRM' }))
  expect(failure).toBeInstanceOf(ApplicationFailure)
  expect(failure).toMatchObject({
    type: code,
    message: 'Because.',
    nonRetryable: !errors[code].retryable,
    details: [{ system: 'The CRM' }],
  })
})

test('a pause that the system asked for becomes the delay of the next try', async () => {
  expect(await thrownFor(new Fault('connector_unavailable', 'Later.', { retryAfterMs: 7000 }))).toMatchObject({
    nextRetryDelay: 7000,
  })
  expect(await thrownFor(new Fault('connector_unavailable'))).toMatchObject({ nextRetryDelay: undefined })
})

test('what is no fault of the table stays what it is, and what goes well goes through', async () => {
  const error = new TypeError('a bug')
  expect(await thrownFor(error)).toBe(error)
  const { execute } = faultsToFailures(running)
  expect(await execute?.({ args: [], headers: {} }, async () => 7)).toBe(7)
})

test('a step that a stopping worker cuts short is handed back at once, and a cancelled one is cancelled', async () => {
  const told = (why: string) => ({ cancellationSignal: AbortSignal.abort(new CancelledFailure(why)) }) as Context
  const cut = new Fault('connector_refused', 'The CRM does not answer.')
  expect(await thrownFor(cut, told('WORKER_SHUTDOWN'))).toMatchObject({
    type: 'worker_stopped',
    nonRetryable: false,
    nextRetryDelay: 1,
  })
  expect(await thrownFor(cut, told('CANCELLED'))).toBeInstanceOf(CancelledFailure)
})
