import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Approval } from '#schemas/approvals.ts'
import { sendLead, untilState } from './harness/lead.ts'
import { startPlatform, type Platform } from './harness/platform.ts'

let platform: Platform
beforeAll(async () => {
  platform = await startPlatform()
})
afterAll(() => platform[Symbol.asyncDispose]())

test('decisions right after a worker was killed are taken by the next one, while their deciders wait', async () => {
  const runs = await Promise.all(Array.from({ length: 12 }, (_, n) => sendLead(platform, `killed-${n}`)))
  for (const { run } of runs) await untilState(platform, run, 'waiting')
  const { items } = await platform.get<{ items: Approval[] }>('/v1/approvals?state=open')
  await platform.kill('worker')
  await platform.start('worker')
  const answers = await Promise.all(
    items.map(({ approval }) => platform.post<Approval>(`/v1/approvals/${approval}/decide`, { decision: 'approve' })),
  )
  expect(answers.map(({ status, body }) => [status, body.state])).toEqual(runs.map(() => [200, 'approved']))
})
