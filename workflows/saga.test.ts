import { WorkflowFailedError } from '@temporalio/client'
import { CancelledFailure } from '@temporalio/common'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { until } from '#test/harness/until.ts'
import { openStage, type Stage } from '#test/harness/stage.ts'

const noted: string[] = []
const note = async (line: string): Promise<void> => {
  noted.push(line)
  if (line.startsWith('refuse')) throw new Error('not this one')
}

let stage: Stage
beforeAll(async () => {
  stage = await openStage({ note })
})
afterAll(() => stage[Symbol.asyncDispose]())
beforeEach(() => (noted.length = 0))

test('what was done is undone newest first with the reason, and what refuses keeps nothing else from it', async () => {
  await (await stage.play('undo', 'failed')).result()
  expect(noted).toEqual(['done', 'last: failed', 'refuse: failed', 'first: failed'])
})

test('what is settled is not undone', async () => {
  await (await stage.play('undo', 'settled')).result()
  expect(noted).toEqual(['done'])
})

test('a cancelled run undoes to the end: cancellation does not reach there', async () => {
  const run = await stage.play('undo', 'cancelled')
  await until('it has begun to wait', async () => noted.includes('done'))
  await run.cancel()
  const end: unknown = await run.result().catch((error: unknown) => error)
  expect(end).toBeInstanceOf(WorkflowFailedError)
  expect((end as WorkflowFailedError).cause).toBeInstanceOf(CancelledFailure)
  expect(noted).toEqual(['done', 'last: cancelled', 'refuse: cancelled', 'first: cancelled'])
})
