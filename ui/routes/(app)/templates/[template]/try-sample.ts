import type { Run } from '#schemas/runs.ts'
import type { TemplateDetail } from '#schemas/templates/index.ts'
import { call } from '#ui/lib/call.ts'

/** Runs what was installed with the sample, in the sandbox, and tells the run what the sample says happens meanwhile. */
export const trySample = async (automation: string, { sample }: Pick<TemplateDetail, 'sample'>): Promise<Run> => {
  const { input, pins, events } = sample
  const run = await call('POST /v1/automations/:automation/test', { automation }, { input, pins })
  for (const event of events) await call('POST /v1/events', {}, event)
  return run
}
