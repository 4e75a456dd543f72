import { ApplicationFailure } from '@temporalio/common'
import { expect, test } from 'vitest'
import { errors, Fault, type ErrorCode } from '#schemas/errors.ts'
import { faultsToFailures } from './failures.ts'

const thrownFor = async (error: unknown): Promise<unknown> => {
  const { execute } = faultsToFailures()
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
  const { execute } = faultsToFailures()
  expect(await execute?.({ args: [], headers: {} }, async () => 7)).toBe(7)
})
