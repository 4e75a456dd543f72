import { Counter, Gauge } from 'prom-client'
import type { Relaying } from '#activities/gateway/relay/start.ts'
import { registry } from '../system/observe.ts'

/** What waits to be written down, what could not be kept on disk, and what guardrails did, in the figures of this process. */
export function tellOfRelay({ figures, guarded }: Pick<Relaying, 'figures' | 'guarded'>, to = registry): void {
  const told = {
    waiting: 'Requests to models that are over and wait in memory to be written down.',
    unspooled: 'Lines that found no room on the disk; while there is none, requests that have a budget are refused.',
    unsampled: 'Requests that the quality guard was to look at and did not, since too much waited.',
    unrecorded: 'Bodies of requests that were to be recorded and were not kept, since too much waited.',
  } as const
  for (const [field, help] of Object.entries(told))
    to.registerMetric(
      new Gauge({
        name: `auterity_gateway_requests_${field}`,
        help,
        registers: [],
        collect() {
          this.set(figures()[field as keyof typeof told])
        },
      }),
    )
  const counted = {
    requests: 'Requests that guardrails looked at, by the kind of guardrail and what it did.',
    matches: 'What guardrails found in them.',
  } as const
  for (const [field, help] of Object.entries(counted))
    to.registerMetric(
      new Counter({
        name: `auterity_gateway_guardrail_${field}_total`,
        help,
        labelNames: ['kind', 'did'],
        registers: [],
        collect() {
          this.reset()
          for (const { kind, did, ...counts } of guarded())
            this.inc({ kind, did }, counts[field as keyof typeof counted])
        },
      }),
    )
}
