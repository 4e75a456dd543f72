import { expect, test } from 'vitest'
import { testKey } from '#test/harness/database.ts'
import { PayloadReader } from './payloads.ts'
import { temporal } from './proto.ts'

const { TimeoutType } = temporal.api.enums.v1
const reader = new PayloadReader([testKey])

test.each([
  [TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE, 'It took longer than it may.'],
  [TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_START, 'No worker took it in time.'],
  [TimeoutType.TIMEOUT_TYPE_HEARTBEAT, 'Its worker was not heard of any more.'],
])(
  'a time limit that ran out (%i) is said in a sentence, with the words of Temporal beside it',
  (timeoutType, message) => {
    const timeout = { message: 'activity timeout', timeoutFailureInfo: { timeoutType } }
    expect(
      reader.failure({ message: 'Activity task timed out', activityFailureInfo: {}, cause: timeout }),
    ).toMatchObject({
      code: 'timed_out',
      message,
      cause: 'activity timeout',
    })
  },
)

test('what a run said of its failure is beside the sentence', () => {
  const failure = {
    message: '“vars.count” is empty.',
    applicationFailureInfo: { type: 'expression_failed' },
    cause: { message: 'no such overload: null + int', applicationFailureInfo: { type: 'Error' } },
  }
  expect(reader.failure(failure)).toMatchObject({
    code: 'expression_failed',
    message: '“vars.count” is empty.',
    cause: 'no such overload: null + int',
  })
})
