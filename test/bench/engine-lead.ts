import type { Approval } from '#schemas/approvals.ts'
import { sendLead, untilState } from '#test/harness/lead.ts'
import { startPlatform, type Platform } from '#test/harness/platform.ts'
import { sandboxAt } from '#test/harness/sandbox.ts'
import { report } from './figure.ts'

const leads = 300
const warmUps = 40
const atOnce = 16

/** Does `work` for each, so many at a time. */
const each = async <T>(all: readonly T[], work: (one: T) => Promise<unknown>): Promise<void> => {
  const left = [...all]
  const next = async () => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) await work(one)
  }
  await Promise.all(Array.from({ length: atOnce }, next))
}

/** Sends leads and approves each reply as it is asked for; gives how many a second came from the hook to their end. */
const throughput = async (platform: Platform, count: number, name: string): Promise<number> => {
  const began = performance.now()
  const runs: string[] = []
  const seeds = Array.from({ length: count }, (_, n) => `${name}-${n}`)
  const over = new AbortController()
  const decide = async () => {
    while (!over.signal.aborted) {
      const { items } = await platform.get<{ items: Approval[] }>('/v1/approvals?state=open&limit=100')
      // what is not taken now is asked for again
      await each(items, ({ approval }) => platform.post(`/v1/approvals/${approval}/decide`, { decision: 'approve' }))
    }
  }
  const deciding = decide()
  await each(seeds, async (seed) => runs.push((await sendLead(platform, seed, 'buy')).run))
  for (const run of runs) await untilState(platform, run, 'completed')
  over.abort()
  await deciding
  return (count * 1000) / (performance.now() - began)
}

/** Runs of the lead template a second, from the webhook through all systems and the approval to the end, on this machine. */
export async function measureLeads(): Promise<void> {
  await using platform = await startPlatform()
  for (const system of ['crm', 'dms', 'mail', 'model'] as const)
    await sandboxAt(platform.sandboxUrl).turn(system, { rateLimit: 1_000_000, latencyMs: 0 })
  await throughput(platform, warmUps, 'warm')
  const value = await throughput(platform, leads, 'lead')
  report({ bench: 'engine', n: leads, metric: 'lead_runs_per_s', unit: '1/s', value })
}
