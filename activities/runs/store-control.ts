import { storable, type Tx } from '#activities/database.ts'
import { append } from '#activities/audit/store.ts'
import { Fault } from '#schemas/errors.ts'
import { runControlled, type ControlAct } from '#schemas/runs-control.ts'
import type { RunStuck } from '#schemas/runs.ts'
import type { Context } from '#schemas/tenancy.ts'
import { findRun, refuseUnless } from './store.ts'

/** What somebody has a run at work do: the act, and the step or the variable that it is about. */
export type AskedControl = {
  do: ControlAct
  step?: string
  variable?: string
  way?: string | undefined
  note?: string | undefined
}

/** Refuses what no run heeds in the state that this one is in. */
export async function refuseUncontrollable(tx: Tx, ctx: Context, run: string): Promise<void> {
  const { state, automation_id: automation, stuck } = await findRun(tx, ctx, run)
  if (state === 'queued') throw new Fault('not_possible', 'This run has not begun yet; ask again in a moment.')
  refuseUnless(state, 'control')
  if (automation === null)
    throw new Fault('not_possible', 'This run follows no automation, so it can only be cancelled.')
  refuseStuck(stuck)
}

/** Refuses to ask a run anything whose code does not get on: it hears nobody. */
export function refuseStuck(stuck: RunStuck | null): void {
  if (stuck !== null)
    throw new Fault('not_possible', `${stuck.message} Until it can, the run heeds nobody; it can only be cancelled.`)
}

/** Records what a run has heeded. Who asked stands in the history of the run too, from the moment it took it. */
export async function recordControl(tx: Tx, ctx: Context, run: string, asked: AskedControl): Promise<void> {
  const { do: act, step = null, variable = null, way, note } = storable(asked)
  await append(tx, { ...ctx, correlation: run }, [
    runControlled(run, {
      do: act,
      step,
      variable,
      ...(way === undefined ? {} : { way }),
      ...(note === undefined ? {} : { note }),
    }),
  ])
}
