import type { Run, Step } from '#schemas/runs.ts'
import { connectTemporal } from '#temporal/client.ts'
import { readWholeHistory, eventName } from '#temporal/history.ts'
import { testKey } from './database.ts'
import type { Platform, ProcessName } from './platform.ts'

/** The newest lines of a process that are told. */
const lines = 15
/** The newest runs whose histories are told. */
const runs = 3

/**
 * What a failed story leaves behind, as text: what its processes said last, and the newest runs as Temporal, and as
 * our tables, know them. The platform is gone when somebody reads of the failure.
 */
export async function evidenceOf(platform: Platform): Promise<string> {
  const said = await Promise.all(
    (['api', 'worker', 'projector', 'sandbox'] satisfies ProcessName[]).map(async (name) => {
      const log = await platform.said(name).catch(String)
      return `--- ${name}\n${log.trimEnd().split('\n').slice(-lines).join('\n')}`
    }),
  )
  return [...said, ...(await newestRuns(platform).catch((error: unknown) => [String(error)]))].join('\n')
}

const newestRuns = async (platform: Platform): Promise<string[]> => {
  const { temporalAddress: address, namespace } = platform
  const { items } = await platform.get<{ items: Run[] }>('/v1/runs')
  const client = connectTemporal({ address, namespace, keys: [testKey] })
  try {
    return await Promise.all(
      items.slice(0, runs).map(async ({ id, title, state }) => {
        const { steps } = await platform.get<{ steps: Step[] }>(`/v1/runs/${id}`)
        const events = await readWholeHistory(client, id).catch((error: unknown) => String(error))
        return [
          `--- ${title}: ${state} (${id})`,
          `steps: ${steps.map((step) => `${step.title} ${step.state}`).join(', ')}`,
          `history: ${typeof events === 'string' ? events : events.map(eventName).join(', ')}`,
        ].join('\n')
      }),
    )
  } finally {
    await client.connection.close()
  }
}
