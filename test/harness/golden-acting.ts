import { ApplicationFailure } from '@temporalio/common'
import type { Call } from '#schemas/automation/call.ts'
import type { Json, JsonObject } from '#schemas/automation/definition.ts'
import { messages } from '#temporal/names.ts'
import { kindOf, type Case, type Golden } from './golden.ts'
import type { Stage, StageActivities } from './stage.ts'

const given: Record<string, (call: Call<JsonObject>) => Json> = {
  'http.request': () => ({ status: 200, headers: {}, body: 'fine' }),
  'code.run': () => 1,
  'ai.answer': () => ({ summary: 'fine' }),
  'crm.add_note': () => ({ note: 'note_1' }),
  'crm.remove_note': () => null,
  openApproval: () => ({ approval: 'apr_1' }),
  recordDecision: () => null,
  withdrawApproval: () => null,
  remindApprover: () => null,
  escalateApproval: () => null,
  expireApproval: () => null,
  'events.await': () => [],
}

/** What a stage needs to play goldens. */
export type GoldenActing = {
  activities: StageActivities
  /** What happens to a step that begins another run. */
  befalls: (call: Call<JsonObject>) => void
  play(golden: Golden): void
  release(): void
}

/** The stage's activities: the node `n` and what is in it behave as the case wants, all else goes well. */
export function goldenActivities(): GoldenActing {
  let now: Case = 'success'
  let tried = 0
  let letGo = () => {}
  let held = new Promise<void>(() => {})
  const fail = () => {
    tried++
    if (now === 'retry' && tried === 1) throw new Error('not yet')
    if (now === 'error') throw ApplicationFailure.nonRetryable('It is not so', 'odd')
  }
  const activities = Object.fromEntries(
    Object.entries(given).map(([name, give]) => [
      name,
      async (call: Call<JsonObject>) => {
        const isIt = /^(?:n|in_a)#/.test(call.step) && call.part === undefined
        const isOpening = call.step.startsWith('n#') && (call.part === 'open' || name === 'openApproval')
        if (isIt || isOpening || call.part === 'undo') fail()
        if (now === 'cancel' && isIt && name !== 'openApproval') await held
        return give(call)
      },
    ]),
  )
  return {
    activities,
    befalls: () => {
      if (now === 'retry') fail()
    },
    play(golden) {
      now = golden.case
      tried = 0
      held = new Promise<void>((resolve) => (letGo = resolve))
    },
    release: () => letGo(),
  }
}

type Running = Awaited<ReturnType<Stage['play']>>
const decided = { decision: 'approve', text: null, note: null, values: {}, by: { id: 'usr_1', name: 'Sam' } }

/** Whether somebody decides in it. */
export const isDecided = ({ name, case: one }: Golden): boolean =>
  kindOf(name) === 'approval' && !name.startsWith('approval.late') && one !== 'cancel'

/** What people and other systems do to a golden run; a no is fine where it is not their turn. */
export async function touch(run: Running, golden: Golden, step: string): Promise<void> {
  const { name } = golden
  if (isDecided(golden)) await run.executeUpdate(messages.decide, { args: [{ ...decided, step }] }).catch(() => {})
  if (name.startsWith('wait.event.') && !name.includes('.late'))
    await run.signal(messages.deliver, { step, id: `evt_${step}`, data: { sum: 20 } })
}
