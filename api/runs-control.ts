import {
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  type Client,
} from '@temporalio/client'
import { ApplicationFailure } from '@temporalio/common'
import { withTenant } from '#activities/database.ts'
import { refuseSkip } from '#activities/runs/store-skip.ts'
import { recordControl, refuseUncontrollable, type AskedControl } from '#activities/runs/store-control.ts'
import { findRun, toRun } from '#activities/runs/store.ts'
import type { Control } from '#schemas/automation/control.ts'
import type { Json } from '#schemas/automation/json.ts'
import { Fault } from '#schemas/errors.ts'
import type { controlRoutes } from '#schemas/runs-control.ts'
import type { Run } from '#schemas/runs.ts'
import type { Context } from '#schemas/tenancy.ts'
import { messages } from '#temporal/names.ts'
import type { Handlers } from './contract.ts'
import type { ApiDeps } from './deps.ts'
import { freshener } from './runs-fresh.ts'

export function controlHandlers(deps: ApiDeps): Handlers<typeof controlRoutes> {
  const { db, temporal } = deps
  const lookAt = freshener(deps)
  const ask = async (ctx: Context, run: string, asked: AskedControl, tell: () => Promise<void>): Promise<Run> => {
    await lookAt(ctx, run)
    await withTenant(db, ctx, async (tx) => {
      await refuseUncontrollable(tx, ctx, run)
      if (asked.do === 'skip') await refuseSkip(tx, ctx, { ...asked, run })
    })
    await tell()
    await withTenant(db, ctx, (tx) => recordControl(tx, ctx, run, asked))
    await lookAt(ctx, run)
    return withTenant(db, ctx, async (tx) => toRun(await findRun(tx, ctx, run)))
  }
  const by = ({ actor }: Context) => ({ id: actor.id, name: actor.name ?? actor.id })
  const plainly =
    (act: 'pause' | 'resume' | 'step') =>
    ({ ctx, params: { run } }: { ctx: Context; params: { run: string } }) =>
      ask(ctx, run, { do: act }, () => askWorkflow(temporal, run, { by: by(ctx), do: act }))
  return {
    'POST /v1/runs/:run/pause': plainly('pause'),
    'POST /v1/runs/:run/resume': plainly('resume'),
    'POST /v1/runs/:run/step': plainly('step'),
    'POST /v1/runs/:run/skip': ({ ctx, params: { run }, body: { step, way, note } }) =>
      ask(ctx, run, { do: 'skip', step, way, note }, () =>
        askWorkflow(temporal, run, { by: by(ctx), do: 'skip', step, ...(way === undefined ? {} : { way }) }),
      ),
    'POST /v1/runs/:run/retry': ({ ctx, params: { run }, body: { step } }) =>
      ask(ctx, run, { do: 'retry', step }, () => retryNow(temporal, run, step)),
    'POST /v1/runs/:run/variables': ({ ctx, params: { run }, body: { name: variable, value } }) =>
      ask(ctx, run, { do: 'variables', variable }, () =>
        askWorkflow(temporal, run, { by: by(ctx), do: 'set', variable, value: value as Json }),
      ),
  }
}

/** How long a run may take to heed, in ms, before who asked is told to look again. */
const patience = 10_000

/** Asks a run to heed a person; resolves once it has, and that stands in its history. */
async function askWorkflow(temporal: Client, run: string, asked: Control): Promise<void> {
  try {
    await temporal.withDeadline(Date.now() + patience, () =>
      temporal.workflow.getHandle(run).executeUpdate(messages.control, { args: [asked] }),
    )
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw new Fault('run_closed')
    if (error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure)
      throw new Fault('not_possible', error.cause.message)
    if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError)
      throw new Fault('unavailable', 'The run has not answered in time; look again in a moment whether it has heeded.')
    throw error
  }
}

/** Ends the pause before the next try of a step: what it is at is tried at once, as if for the first time. */
async function retryNow(temporal: Client, run: string, step: string): Promise<void> {
  const { namespace } = temporal.options
  const { workflowService } = temporal
  const execution = { workflowId: run }
  try {
    const { pendingActivities } = await workflowService.describeWorkflowExecution({ namespace, execution })
    // a step may be several activities: the call itself, and what prepares it or follows it
    const trying = (pendingActivities ?? []).filter(
      ({ activityId }) => activityId === step || activityId?.startsWith(`${step}:`),
    )
    if (trying.length === 0) throw new Fault('not_possible', 'This step is not being tried at the moment.')
    for (const { activityId } of trying)
      await workflowService.resetActivity({ namespace, execution, id: activityId ?? step, resetHeartbeat: false })
  } catch (error) {
    if (isNotFound(error)) throw new Fault('not_possible', 'This step is not being tried at the moment.')
    throw error
  }
}

const isNotFound = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 5
