import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Approval } from '#schemas/approvals.ts'
import type { Receipt } from '#schemas/ingress.ts'
import type { Run, Step } from '#schemas/runs.ts'
import { connectTemporal } from '#temporal/client.ts'
import { foldEvents, newFold } from '#temporal/fold.ts'
import { readWholeHistory } from '#temporal/history.ts'
import { testKey } from './harness/database.ts'
import { approveAll, completed, eachOnce, enough, moreCompleted, newCustomers, sendAll } from './harness/many-leads.ts'
import { ownServers, type OwnServers } from './harness/own-servers.ts'
import { startPlatform, type Platform } from './harness/platform.ts'
import { sandboxAt } from './harness/sandbox.ts'
import { until } from './harness/until.ts'

const count = 200

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

test(
  'whatever is killed while 200 leads run, each completes, and each is in the CRM and answered once',
  async () => {
    const leads = newCustomers('kill', count)
    const sent = sendAll([platform.hook], leads)
    let over = false
    const approver = approveAll(platform, () => over)

    for (const name of ['api', 'worker', 'projector', 'sandbox', 'temporal', 'postgres'] as const) {
      await moreCompleted(platform, 12, count)
      const server = name === 'temporal' || name === 'postgres' ? servers : platform
      await server.kill(name as never)
      await new Promise((resolve) => setTimeout(resolve, 500))
      await server.start(name as never)
    }
    const receipts = await sent
    await until('every lead is through', async () => (await completed(platform)) === count, enough)
    over = true
    await approver

    expect(new Set(receipts).size).toBe(count)
    const { items } = await platform.get<{ items: Receipt[] }>('/v1/receipts?limit=200')
    expect(items.map((one) => one.status)).toEqual(Array<string>(count).fill('completed'))
    await eachOnce(platform, leads)
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
