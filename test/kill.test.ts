import { afterAll, beforeAll, expect, test } from 'vitest'
import { withSystem } from '#activities/database.ts'
import type { Approval } from '#schemas/approvals.ts'
import type { Receipt } from '#schemas/ingress.ts'
import type { Run, Step } from '#schemas/runs.ts'
import { connectTemporal } from '#temporal/client.ts'
import { foldEvents, newFold } from '#temporal/fold.ts'
import { readWholeHistory } from '#temporal/history.ts'
import { makeLead } from '#workers/sandbox/leads.ts'
import { regulars } from '#workers/sandbox/regulars.ts'
import { testKey } from './harness/database.ts'
import { deliver } from './harness/hooks.ts'
import { ownServers, type OwnServers } from './harness/own-servers.ts'
import { startPlatform, type Platform } from './harness/platform.ts'
import { sandboxAt } from './harness/sandbox.ts'
import { until } from './harness/until.ts'

const count = 200
const enough = 240_000

let servers: OwnServers
let platform: Platform
beforeAll(async () => {
  servers = await ownServers()
  platform = await startPlatform({ temporalAddress: servers.temporalAddress })
  await sandboxAt(platform.sandboxUrl).turn('crm', { rateLimit: 1_000_000 })
}, 120_000)
afterAll(async () => {
  await platform[Symbol.asyncDispose]()
  await servers[Symbol.asyncDispose]()
})

/** Delivers as a webhook sender does: the same id again until the answer is 2xx. */
const deliverSurely = (id: string, xml: string): Promise<string> =>
  until(
    `the delivery ${id} is accepted`,
    async () => {
      const { status, body } = await deliver(platform.hook, id, xml)
      return status === 202 && body.receipt
    },
    enough,
  )

/** Approves whatever is open, as often as it takes, until `done`; one that has to wait for a worker holds up no other. */
const approveAll = async (done: () => boolean): Promise<void> => {
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

const completed = () =>
  withSystem(platform.database.db, async (tx) => {
    const query = tx.selectFrom('run').where('phase', '=', 'completed')
    return Number((await query.select((e) => e.fn.countAll().as('n')).executeTakeFirstOrThrow()).n)
  })
const movedOn = (by: number) => async () => {
  const from = await until('the count is read', async () => ({ n: await completed() }))
  await until(`${by} more are completed`, async () => (await completed()) >= Math.min(from.n + by, count), enough)
}

test(
  'whatever is killed while 200 leads run, each completes, and each is in the CRM and answered once',
  async () => {
    // from people the store does not know yet: each of them needs a contact
    const known = new Set<string>(regulars.map((one) => one.email))
    const leads = Array.from({ length: count * 2 }, (_, i) => makeLead(`kill-${i}`, { serial: i + 1 }))
      .filter((lead) => !known.has(lead.json.customer.email))
      .slice(0, count)
    const receipts: string[] = []
    const senders = Array.from({ length: 8 }, async (_, sender) => {
      for (let i = sender; i < count; i += 8) receipts.push(await deliverSurely(`kill-${i}`, leads[i]!.xml))
    })
    let over = false
    const approver = approveAll(() => over)

    const someMore = movedOn(12)
    for (const name of ['api', 'worker', 'projector', 'sandbox', 'temporal', 'postgres'] as const) {
      await someMore()
      const server = name === 'temporal' || name === 'postgres' ? servers : platform
      await server.kill(name as never)
      await new Promise((resolve) => setTimeout(resolve, 500))
      await server.start(name as never)
    }
    await Promise.all(senders)
    await until('every lead is through', async () => (await completed()) === count, enough)
    over = true
    await approver

    expect(new Set(receipts).size).toBe(count)
    const { items } = await platform.get<{ items: Receipt[] }>('/v1/receipts?limit=200')
    expect(items.map((one) => one.status)).toEqual(Array<string>(count).fill('completed'))
    const ids = leads.map((lead) => lead.id).toSorted()
    const truth = await sandboxAt(platform.sandboxUrl).truth()
    for (const kind of ['contacts', 'deals', 'mails'] as const)
      expect(truth[kind].map((one) => String(one.lead)).toSorted(), kind).toEqual(ids)
    expect((await platform.get<{ items: Approval[] }>('/v1/approvals?state=open')).items).toEqual([])
    await equalsHistory(items.map((one) => one.run!))
  },
  enough,
)

const equalsHistory = async (runs: readonly string[]): Promise<void> => {
  const { temporalAddress: address, namespace } = platform
  const temporal = connectTemporal({ address, namespace, keys: [testKey] })
  for (const run of runs) {
    const fold = newFold()
    foldEvents(fold, await readWholeHistory(temporal, run))
    const detail = await platform.get<{ run: Run; steps: Step[] }>(`/v1/runs/${run}`)
    expect(detail.run).toMatchObject({ state: 'completed', outcome: 'sent', events: fold.lastEvent })
    expect(detail.steps.map(({ events, state }) => ({ events, state }))).toEqual(
      [...fold.steps.values()].map(({ events, state }) => ({ events, state })),
    )
  }
  await temporal.connection.close()
}
