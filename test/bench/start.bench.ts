import { setTimeout as pause } from 'node:timers/promises'
import { startPlatform } from '#test/harness/platform.ts'
import { makeLead } from '#workers/sandbox/leads.ts'
import { testKey } from '#test/harness/database.ts'
import { connectTemporal } from '#temporal/client.ts'
import { queues, workflowTypes } from '#temporal/names.ts'
import { leadResponse } from '#schemas/templates/lead-response.ts'
import { report, quantile } from './figure.ts'
import { openLine } from './load.ts'

/** Pairs measured; the two arms take turns, one start each, so that the server is the same for both. */
const pairs = 400
/** Pairs before those, not counted and without a rest: both arms get faster until their code is compiled. */
const warmUps = 1500
/** Temporal's work after a start takes some 10 ms. */
const quietMs = 25

await using platform = await startPlatform({ processes: ['api', 'sandbox'] })
const temporal = connectTemporal({ address: platform.temporalAddress, namespace: platform.namespace, keys: [testKey] })
const leads = Array.from({ length: 50 }, (_, i) => makeLead(`start-${i}`).json)

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const started = performance.now()
  await work()
  return performance.now() - started
}
const line = await openLine(Number(new URL(platform.url).port))
const requests = leads.map((lead) => {
  const body = JSON.stringify({ input: { lead } })
  const head = `POST /v1/automations/lead-response/runs HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${platform.apiKey}\r\ncontent-type: application/json`
  return Buffer.from(`${head}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
})
const byApi = (i: number) => async () => {
  const { status } = await line.send(requests[i % requests.length] as Buffer)
  if (status !== '201') throw new Error(`a start was answered ${status}`)
}
/**
 * What an arm leaves to be done after its answer must not slow the other: the API writes down the start, and Temporal
 * puts the run into its queue and its lists.
 */
const settled = async () => {
  while ((await platform.get<{ items: unknown[] }>('/v1/runs?state=queued&limit=1')).items.length > 0);
  await pause(quietMs)
}
const bare = (i: number) => () =>
  temporal.workflow.start(workflowTypes.automation, {
    taskQueue: `${queues.main}-nobody`,
    workflowId: `bare-${i}`,
    args: [{ tenant: 'tnt', run: `bare-${i}`, origin: `bare-${i}`, definition: leadResponse, input: { lead: {} } }],
  })

const ours: number[] = []
const theirs: number[] = []
for (let i = 0; i < warmUps; i++) {
  await byApi(i)()
  await bare(i)()
}
await settled()
for (let i = warmUps; i < warmUps + pairs; i++) {
  ours.push(await timed(byApi(i)))
  await settled()
  theirs.push(await timed(bare(i)))
  await settled()
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
line.close()
await temporal.connection.close()
