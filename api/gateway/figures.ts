import { Gauge } from 'prom-client'
import type { Relaying } from '#activities/gateway/relay/start.ts'
import { registry } from '../system/observe.ts'

/** What waits to be written down, and what could not be kept on disk, in the figures of this process. */
export function tellOfRelay({ figures }: Pick<Relaying, 'figures'>): void {
  const told = {
    waiting: 'Requests to models that are over and wait in memory to be written down.',
    unspooled: 'Lines that found no room on the disk; while there is none, requests that have a budget are refused.',
  } as const
  for (const [field, help] of Object.entries(told))
    registry.registerMetric(
      new Gauge({
        name: `auterity_gateway_requests_${field}`,
        help,
        registers: [],
        collect() {
          this.set(figures()[field as keyof typeof told])
        },
      }),
    )
}
