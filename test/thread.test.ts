import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeLead } from '#workers/sandbox/leads.ts'
import type { Approval } from '#schemas/approvals.ts'
import type { Receipt } from '#schemas/ingress.ts'
import type { Run, Step } from '#schemas/runs.ts'
import type { Truth } from '#schemas/sandbox.ts'
import { deliver } from './harness/hooks.ts'
import { startPlatform, type Platform } from './harness/platform.ts'
import { until } from './harness/until.ts'

let platform: Platform
beforeAll(async () => {
  platform = await startPlatform()
})
afterAll(() => platform[Symbol.asyncDispose]())

const statusOf = (receipt: string) => platform.get<Receipt>(`/v1/receipts/${receipt}`)
const waiting = (receipt: string) =>
  until('the run waits for a person', async () => {
    const found = await statusOf(receipt)
    return found.status === 'waiting' && found
  })
const openApproval = async (run: string) =>
  (await platform.get<{ items: Approval[] }>(`/v1/approvals?state=open&run=${run}`)).items[0]!
const truth = async () => (await (await fetch(`${platform.sandboxUrl}/truth`)).json()) as Truth

test('a signed lead becomes a run, waits for a person, is approved, and the reply is sent once', async () => {
  const lead = makeLead('thread-1')
  const first = await deliver(platform.hook, 'msg_1', lead.xml)
  expect(first).toEqual({ status: 202, body: { receipt: expect.stringMatching(/^rct_/), duplicate: false } })
  const { run } = await waiting(first.body.receipt)

  const approval = await openApproval(run!)
  expect(approval).toMatchObject({ run, state: 'open', author: 'sandbox-lead-1', sandbox: true })
  const decided = await platform.post<Approval>(`/v1/approvals/${approval.approval}/decide`, { decision: 'approve' })
  expect(decided).toMatchObject({ status: 200, body: { state: 'approved', decidedBy: { name: 'test' } } })

  await until('the receipt completes', async () => (await statusOf(first.body.receipt)).status === 'completed')
  const { contacts, deals, mails } = await truth()
  for (const kind of [contacts, deals, mails]) expect(kind.filter((one) => one.lead === lead.id)).toHaveLength(1)

  const detail = await platform.get<{ run: Run; steps: Step[] }>(`/v1/runs/${run}`)
  expect(detail.run).toMatchObject({ state: 'completed', outcome: 'sent', receipt: first.body.receipt, sandbox: true })
  expect(detail.steps.filter((step) => step.kind === 'activity').map((step) => step.part ?? step.title)).toEqual([
    'Read the lead',
    'Find or create the customer',
    'Ask the model',
    'Look the vehicle up in stock',
    'Write to the CRM',
    'Ask a person',
    'Record the decision',
    'Send the reply',
    'Note it in the CRM',
  ])
  expect(detail.steps.every((step) => step.closedAt !== null)).toBe(true)
})

test('the same webhook again answers the same receipt and starts nothing', async () => {
  const lead = makeLead('thread-2')
  const first = await deliver(platform.hook, 'msg_2', lead.xml)
  const again = await deliver(platform.hook, 'msg_2', lead.xml)
  expect(again).toEqual({ status: 202, body: { receipt: first.body.receipt, duplicate: true } })
})

test('the same id with another body is answered 409 and kept in quarantine', async () => {
  const first = await deliver(platform.hook, 'msg_3', makeLead('thread-3').xml)
  const other = await deliver(platform.hook, 'msg_3', makeLead('thread-3b').xml)
  expect(other).toMatchObject({ status: 409, body: { code: 'body_conflict' } })
  expect(other.body.receipt).not.toBe(first.body.receipt)
  expect(await statusOf(other.body.receipt)).toMatchObject({ status: 'quarantined', run: null })
})

test('of two people who decide at once one wins and the other is told who', async () => {
  const { body } = await deliver(platform.hook, 'msg_4', makeLead('thread-4').json)
  const { run } = await waiting(body.receipt)
  const { approval } = await openApproval(run!)
  const both = await Promise.all(
    (['approve', 'reject'] as const).map((decision) =>
      platform.post<{ code?: string; decidedBy?: { name: string } }>(`/v1/approvals/${approval}/decide`, { decision }),
    ),
  )
  expect(both.map((one) => one.status).toSorted((a, b) => a - b)).toEqual([200, 409])
  expect(both.find((one) => one.status === 409)!.body).toMatchObject({
    code: 'already_decided',
    decidedBy: { name: 'test' },
  })
})

test('a run that waits can be cancelled: the approval is withdrawn and the deal handed back', async () => {
  const lead = makeLead('thread-5')
  const { body } = await deliver(platform.hook, 'msg_5', lead.xml)
  const { run } = await waiting(body.receipt)
  expect((await platform.post(`/v1/runs/${run}/cancel`, { reason: 'sold elsewhere' })).status).toBe(202)
  await until('it is cancelled', async () => (await statusOf(body.receipt)).status === 'cancelled')
  const { items } = await platform.get<{ items: Approval[] }>(`/v1/approvals?run=${run}`)
  expect(items).toMatchObject([{ state: 'withdrawn' }])
  const found = await truth()
  expect(found.mails.filter((one) => one.lead === lead.id)).toEqual([])
  expect(found.deals.find((one) => one.lead === lead.id)!.properties).toMatchObject({ dealstage: 'qualifiedtobuy' })
})
