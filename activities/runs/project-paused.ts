import type { Control } from '#schemas/automation/control.ts'
import { Pause } from '#schemas/automation/engine/pause.ts'
import type { Holding } from '#schemas/automation/run.ts'
import type { Fold } from '#temporal/fold.ts'
import { messages } from '#temporal/names.ts'
import type { PayloadReader } from '#temporal/payloads.ts'

/** Whether a run is paused, by what it has heeded so far. */
export async function pausedIn(payloads: PayloadReader, { steps }: Fold): Promise<boolean> {
  const heeded = [...steps.values()].filter(
    ({ type, state }) => (type === messages.control && state !== 'failed') || type === messages.hold,
  )
  const sent = await Promise.all(heeded.map(({ input }) => payloads.all(input)))
  const pause = new Pause()
  for (const one of sent as (Control | Holding)[]) {
    if ('on' in one) pause.with(one.on)
    else if (one.do === 'pause') pause.begin()
    else if (one.do === 'resume') pause.end()
  }
  return pause.on
}
