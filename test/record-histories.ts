import { mkdir, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Decision } from '#schemas/approvals.ts'
import type { RunState } from '#schemas/runs.ts'
import type { Scenario } from '#schemas/sandbox.ts'
import { connectTemporal } from '#temporal/client.ts'
import { semantics } from '#schemas/automation/definition.ts'
import { packHistory, readWholeHistory, type HistoryEvent } from '#temporal/history.ts'
import { testKey } from './harness/database.ts'
import { leadResponseWith } from './harness/drawn.ts'
import { goldens, type Golden } from './harness/golden.ts'
import { openGoldenStage } from './harness/golden-play.ts'
import { decideRun, sendLead, untilState } from './harness/lead.ts'
import { startPlatform, type Platform } from './harness/platform.ts'
import { sandboxAt } from './harness/sandbox.ts'
import setup from './harness/setup.ts'
import { until } from './harness/until.ts'

/** Histories stand under the number of the rules that they were made by; those of older rules are never made anew. */
const folder = fileURLToPath(new URL(`histories/${semantics}/`, import.meta.url))

type Story = {
  scenario?: Scenario
  play: (platform: Platform, run: string) => Promise<unknown>
  before?: (platform: Platform) => Promise<void>
}

const decides = (decision: Decision, end: RunState) => async (platform: Platform, run: string) => {
  await decideRun(platform, run, decision)
  await untilState(platform, run, end)
}

/** Handed up after a reminder: both are set to a moment for the whole recording. */
const escalated = async (platform: Platform, run: string): Promise<void> => {
  await until('it is handed up', async () => {
    const { items } = await platform.get<{ items: { escalatedAt: string | null }[] }>(`/v1/approvals?run=${run}`)
    return items[0]?.escalatedAt
  })
  await decides('approve', 'completed')(platform, run)
}

const stories: Record<string, Story> = {
  success: { play: decides('approve', 'completed') },
  retry: {
    before: (platform) => sandboxAt(platform.sandboxUrl).turn('dms', { outage: 'unavailable' }),
    async play(platform, run) {
      const tries = platform.database.db.system.selectFrom('step_attempt').select('n').where('run_id', '=', run)
      await until('a try has failed', () => tries.where('outcome', '=', 'failed').executeTakeFirst())
      await sandboxAt(platform.sandboxUrl).turn('dms', { outage: 'none' })
      await decides('approve', 'completed')(platform, run)
    },
  },
  'model-fallback': { scenario: 'model_never_json', play: decides('approve', 'completed') },
  escalation: { play: escalated },
  reject: { play: decides('reject', 'completed') },
  cancel: {
    async play(platform, run) {
      await untilState(platform, run, 'waiting')
      await platform.post(`/v1/runs/${run}/cancel`)
      await untilState(platform, run, 'cancelled')
    },
  },
  compensation: { scenario: 'mail_refused', play: decides('approve', 'failed') },
}

const keep = async (name: string, events: HistoryEvent[]): Promise<void> => {
  await writeFile(`${folder}${name}.pb.gz`, await packHistory(events))
  process.stdout.write(`${name}\n`)
}

/** Only the goldens whose names begin like one of these: what there is already stays as it was recorded. */
const only = process.argv.slice(2)
const isWanted = ({ name }: Golden): boolean => only.length === 0 || only.some((begin) => name.startsWith(begin))

/** Every kind of node, in every way it can go. */
const recordGoldens = async (): Promise<void> => {
  await using stage = await openGoldenStage()
  for (const golden of goldens.filter(isWanted)) await keep(golden.name, await stage.play(golden))
}

const record = async (platform: Platform): Promise<void> => {
  const { temporalAddress: address, namespace } = platform
  const temporal = connectTemporal({ address, namespace, keys: [testKey] })
  for (const [name, { scenario, before, play }] of Object.entries(stories)) {
    await before?.(platform)
    const { run } = await sendLead(platform, `replay-${name}`, scenario)
    await play(platform, run)
    await keep(`lead.${name}`, await readWholeHistory(temporal, run))
  }
  await temporal.connection.close()
}

await mkdir(folder, { recursive: true })
const tearDown = await setup()
try {
  await recordGoldens()
  if (only.length === 0) {
    await using platform = await startPlatform({
      leads: leadResponseWith({ remindAfter: '1500ms', dueAfter: '3s' }),
    })
    await record(platform)
  }
} finally {
  await tearDown()
}
