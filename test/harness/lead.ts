import type { Approval, Decision } from '#schemas/approvals.ts'
import { sisterId } from '#schemas/ids.ts'
import type { RunState } from '#schemas/runs.ts'
import type { Scenario } from '#schemas/sandbox.ts'
import { makeLead } from '#workers/sandbox/leads.ts'
import { deliver } from './hooks.ts'
import type { Platform } from './platform.ts'
import { until } from './until.ts'

/** Sends a made-up lead through the hook; gives the run that it will start, and the lead's own id. */
export async function sendLead(
  platform: Platform,
  seed: string,
  scenario?: Scenario,
): Promise<{ run: string; lead: string }> {
  const made = makeLead(seed, scenario === undefined ? {} : { scenario })
  const { status, body } = await deliver(platform.hook, `msg_${seed}`, made.xml)
  if (status !== 202) throw new Error(`the hook answered ${status}`)
  return { run: sisterId('run', body.receipt), lead: made.id }
}

export const untilState = (platform: Platform, run: string, ...states: RunState[]): Promise<RunState> =>
  until(`${run} is ${states.join(' or ')}`, async () => {
    const { run: now } = await platform.get<{ run: { state: RunState } }>(`/v1/runs/${run}`)
    return states.includes(now.state) && now.state
  })

/** Decides the open approval of a run as soon as there is one. */
export async function decideRun(platform: Platform, run: string, decision: Decision): Promise<void> {
  const approval = await until(`${run} asks for a decision`, async () => {
    const { items } = await platform.get<{ items: Approval[] }>(`/v1/approvals?state=open&run=${run}`)
    return items[0]?.approval
  })
  const { status } = await platform.post(`/v1/approvals/${approval}/decide`, { decision })
  if (status !== 200) throw new Error(`the decision was answered ${status}`)
}
