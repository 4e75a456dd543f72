import { findPublished, findVersion } from '#activities/automation/store.ts'
import type { Tx } from '#activities/database.ts'
import { newId } from '#schemas/ids.ts'
import type { RunFailure } from '#schemas/runs.ts'
import type { Context } from '#schemas/tenancy.ts'
import { closeRun, findRun, type RunClose } from './store.ts'
import { requestRuns } from './store-request.ts'

/** Closes a run that Temporal has ended, and asks for what is to follow. */
export async function closeAndFollow(tx: Tx, ctx: Context, run: string, close: RunClose): Promise<void> {
  const closed = await closeRun(tx, ctx, run, close)
  if (closed && close.phase === 'failed') await followFailure(tx, ctx, run, close.failure)
}

/**
 * Asks for a run of the automation that follows a failure, with what failed as its input. Tests, parts of other runs and
 * runs that followed a failure themselves are followed by nothing.
 */
async function followFailure(tx: Tx, ctx: Context, run: string, failure: RunFailure | null): Promise<void> {
  const failed = await findRun(tx, ctx, run)
  const { automation_id: automation, version, role, test, follows } = failed
  if (automation === null || version === null || role !== 'run' || test || follows !== null) return
  const handle = (await findVersion(tx, ctx, automation, version))?.definition.settings?.onFailure
  if (handle === undefined) return
  const follower = await findPublished(tx, ctx, handle)
  if (follower === null) return
  const { input } = await tx
    .selectFrom('run_request')
    .select('input')
    .where('run_id', '=', run)
    .executeTakeFirstOrThrow()
  await requestRuns(tx, ctx, [
    {
      run: newId('run'),
      automation: follower,
      title: `After a failure: ${failed.title}`.slice(0, 200),
      input: {
        run: { id: run, automation: failed.workflow, title: failed.title, receipt: failed.receipt_id },
        failure: { code: failure?.code ?? 'failed', message: failure?.message ?? '' },
        input,
      },
      follows: run,
    },
  ])
}
