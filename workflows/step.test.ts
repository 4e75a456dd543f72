import { afterAll, beforeAll, expect, test } from 'vitest'
import { foldEvents, newFold } from '#temporal/fold.ts'
import { readWholeHistory } from '#temporal/history.ts'
import { PayloadReader } from '#temporal/payloads.ts'
import { testKey } from '#test/harness/database.ts'
import { openStage, type Stage } from '#test/harness/stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage({ readLead: async () => ({ title: 'Dana' }), withdrawApproval: async () => null })
})
afterAll(() => stage[Symbol.asyncDispose]())

test('a step names its node in its id, its summary and the group of its events, and gives what its activity gave', async () => {
  const run = await stage.play('steps')
  expect(await run.result()).toBe('Dana')
  const fold = newFold()
  foldEvents(fold, await readWholeHistory(stage.client, run.workflowId))
  const payloads = new PayloadReader([testKey])
  const told = await Promise.all(
    [...fold.steps.values()].map(async ({ node, iteration, kind, activityId, summary, state }) => {
      return { node, iteration, kind, activityId, state, summary: await payloads.one(summary) }
    }),
  )
  expect(told).toEqual([
    {
      node: 'read',
      iteration: 2,
      kind: 'activity',
      activityId: 'read#2:readLead',
      state: 'completed',
      summary: 'Read the lead · again',
    },
    {
      node: 'approval',
      iteration: 0,
      kind: 'activity',
      activityId: 'approval#0:withdrawApproval',
      state: 'completed',
      summary: 'Withdraw',
    },
    { node: 'wait', iteration: 3, kind: 'timer', activityId: null, state: 'completed', summary: null },
  ])
})
