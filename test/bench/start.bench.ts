import { startPlatform } from '#test/harness/platform.ts'
import { makeLead } from '#workers/sandbox/leads.ts'
import { testKey } from '#test/harness/database.ts'
import { connectTemporal } from '#temporal/client.ts'
import { queues } from '#temporal/names.ts'
import { report, quantile } from './figure.ts'

/** Pairs measured; the two arms take turns, one start each, so that the server is the same for both. */
const pairs = 400

await using platform = await startPlatform({ processes: ['api', 'sandbox'] })
const temporal = connectTemporal({ address: platform.temporalAddress, namespace: platform.namespace, keys: [testKey] })
const leads = Array.from({ length: 50 }, (_, i) => makeLead(`start-${i}`).json)

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const started = performance.now()
  await work()
  return performance.now() - started
}
const byApi = (i: number) => async () => {
  const { status } = await platform.post('/v1/runs', { lead: leads[i % leads.length] })
  if (status !== 201) throw new Error(`POST /v1/runs answered ${status}`)
}
const bare = (i: number) => () =>
  temporal.workflow.start('lead', {
    taskQueue: `${queues.main}-nobody`,
    workflowId: `bare-${i}`,
    args: [{ tenant: 'tnt', run: `bare-${i}`, origin: `bare-${i}`, approval: { remindAfter: 1000, dueAfter: 2000 } }],
  })

for (let i = 0; i < 40; i++) {
  await byApi(i)()
  await bare(-1 - i)()
}
const ours: number[] = []
const theirs: number[] = []
for (let i = 0; i < pairs; i++) {
  ours.push(await timed(byApi(i)))
  theirs.push(await timed(bare(i)))
}
for (const [name, share] of [
  ['p50', 0.5],
  ['p99', 0.99],
] as const) {
  const baseline = quantile(theirs, share)
  const value = quantile(ours, share)
  report({ bench: 'start', metric: `start_${name}_ms`, value, unit: 'ms', baseline, n: pairs })
  report({ bench: 'start', metric: `start_delta_${name}_ms`, value: value - baseline, unit: 'ms', n: pairs })
}
await temporal.connection.close()
