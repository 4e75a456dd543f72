import { expect } from 'vitest'
import { withSystem } from '#activities/database.ts'
import type { Approval } from '#schemas/approvals.ts'
import { makeLead, type MadeLead } from '#workers/sandbox/leads.ts'
import { regulars } from '#workers/sandbox/regulars.ts'
import { deliver } from './hooks.ts'
import type { Platform } from './platform.ts'
import { sandboxAt } from './sandbox.ts'
import { until } from './until.ts'

/** How long a crowd of leads may take while processes die, in ms. */
export const enough = 240_000

/** Leads from people whom the store does not know yet: each of them needs a contact. */
export const newCustomers = (seed: string, count: number): MadeLead[] => {
  const known = new Set<string>(regulars.map((one) => one.email))
  return Array.from({ length: count * 2 }, (_, i) => makeLead(`${seed}-${i}`, { serial: i + 1 }))
    .filter((lead) => !known.has(lead.json.customer.email))
    .slice(0, count)
}

/**
 * Delivers as webhook senders do, eight at once and each lead until its answer is 2xx, in turn to each of the hooks.
 * Gives the receipts.
 */
export async function sendAll(hooks: readonly Platform['hook'][], leads: readonly MadeLead[]): Promise<string[]> {
  const receipts: string[] = []
  const deliverSurely = (i: number, lead: MadeLead): Promise<string> => {
    let at = i
    return until(
      `the delivery ${lead.id} is accepted`,
      async () => {
        const { status, body } = await deliver(hooks[at++ % hooks.length]!, `msg-${lead.id}`, lead.xml)
        return status === 202 && body.receipt
      },
      enough,
    )
  }
  const senders = Array.from({ length: 8 }, async (_, sender) => {
    for (const [i, lead] of leads.entries()) if (i % 8 === sender) receipts.push(await deliverSurely(i, lead))
  })
  await Promise.all(senders)
  return receipts
}

/** Approves whatever is open, as often as it takes, until `done`; one that has to wait for a worker holds up no other. */
export async function approveAll(platform: Platform, done: () => boolean): Promise<void> {
  const deciding = new Map<string, Promise<unknown>>()
  while (!done()) {
    const { items } = await platform
      .get<{ items: Approval[] }>('/v1/approvals?state=open&limit=200')
      // the API is dead just now; the next round tells
      .catch(() => ({ items: [] }))
    for (const { approval } of items.filter((one) => !deciding.has(one.approval)).slice(0, 8))
      deciding.set(
        approval,
        platform
          .post(`/v1/approvals/${approval}/decide`, { decision: 'approve' })
          .catch(() => {})
          .finally(() => deciding.delete(approval)),
      )
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  await Promise.all(deciding.values())
}

/** How many runs are completed. */
export const completed = ({ database }: Platform): Promise<number> =>
  withSystem(database.db, async (tx) => {
    const query = tx.selectFrom('run').where('phase', '=', 'completed')
    return Number((await query.select((e) => e.fn.countAll().as('n')).executeTakeFirstOrThrow()).n)
  })

/** Waits until `by` more runs are completed than now, or all `of` them. */
export async function moreCompleted(platform: Platform, by: number, of: number): Promise<void> {
  const from = await until('the count is read', async () => ({ n: await completed(platform) }))
  const goal = Math.min(from.n + by, of)
  await until(`${goal} are completed`, async () => (await completed(platform)) >= goal, enough)
}

/** Each of these leads, and nothing else, is once in the CRM, and was answered once. */
export async function eachOnce(platform: Platform, leads: readonly MadeLead[]): Promise<void> {
  const ids = leads.map((lead) => lead.id).toSorted()
  const truth = await sandboxAt(platform.sandboxUrl).truth()
  for (const kind of ['contacts', 'deals', 'mails'] as const)
    expect(truth[kind].map((one) => String(one.lead)).toSorted(), kind).toEqual(ids)
}
