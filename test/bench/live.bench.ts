import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { deliver } from '#test/harness/hooks.ts'
import { testKey } from '#test/harness/database.ts'
import { startPlatform } from '#test/harness/platform.ts'
import { until } from '#test/harness/until.ts'
import type { Receipt } from '#schemas/ingress.ts'
import { connectTemporal } from '#temporal/client.ts'
import { foldEvents, newFold } from '#temporal/fold.ts'
import { readWholeHistory } from '#temporal/history.ts'
import { makeLead } from '#workers/sandbox/leads.ts'
import { report, quantile } from './figure.ts'
import type { Seen, Watch } from './live-viewers.ts'

/**
 * From the time that stands in the history event to the moment a viewer has the step it belongs to, on one host with
 * one clock. Leads are held at their first connector by latency until the viewers watch; each step after that counts.
 */
const leads = 20
await using platform = await startPlatform()
const temporal = connectTemporal({ address: platform.temporalAddress, namespace: platform.namespace, keys: [testKey] })
const authorization = `Bearer ${platform.apiKey}`
const latency = async (ms: number) => {
  for (const system of ['crm', 'dms', 'model'])
    await fetch(`${platform.sandboxUrl}/control/systems/${system}`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ latencyMs: ms }),
    })
}
const statusOf = (receipt: string) => platform.get<Receipt>(`/v1/receipts/${receipt}`)

await latency(300)
for (const viewers of [1, 200]) {
  const delays: number[] = []
  for (let i = 0; i < leads; i++) {
    const { body } = await deliver(platform.hook, `live_${viewers}_${i}`, makeLead(`live-${viewers}-${i}`).xml)
    const { run } = await until('it runs', async () => {
      const found = await statusOf(body.receipt)
      return found.run !== null && found
    })
    const child = fork(fileURLToPath(new URL('./live-viewers.ts', import.meta.url)))
    await once(child, 'message')
    const seen: Seen[] = []
    const ready = once(child, 'message')
    child.send({ url: `${platform.url}/v1/live?topic=run:${run}`, authorization, viewers } satisfies Watch)
    await ready
    const from = Date.now()
    child.on('message', (found: Seen[]) => Array.isArray(found) && seen.push(...found))
    await until('it waits', async () => (await statusOf(body.receipt)).status === 'waiting')
    await until(
      'every viewer has seen it wait',
      async () => new Set(seen.filter((one) => one.state === 'waiting').map((one) => one.viewer)).size === viewers,
    )
    child.kill('SIGKILL')
    const fold = newFold()
    foldEvents(fold, await readWholeHistory(temporal, run ?? ''))
    for (const one of seen) {
      const step = fold.steps.get(one.headEvent)
      const at = one.state === 'completed' ? step?.closedAt : one.state === 'waiting' ? step?.scheduledAt : undefined
      if (at != null && at.getTime() > from) delays.push(one.at - at.getTime())
    }
  }
  for (const [name, share] of [
    ['p50', 0.5],
    ['p95', 0.95],
  ] as const)
    report({
      bench: 'live',
      metric: `live_${name}_ms_v${viewers}`,
      value: quantile(delays, share),
      unit: 'ms',
      n: delays.length,
    })
}
await temporal.connection.close()
