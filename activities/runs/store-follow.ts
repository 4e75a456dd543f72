import { findPublished, findVersion } from '#activities/automation/store.ts'
import { findShelved, type PublishedVersion } from '#activities/automation/store-versions.ts'
import type { Tx } from '#activities/database.ts'
import { afterFailure } from '#schemas/automation/after-failure.ts'
import type { JsonObject } from '#schemas/automation/json.ts'
import { refuseInput } from '#schemas/automation/refuse-input.ts'
import { Fault, isFault } from '#schemas/errors.ts'
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
 * runs that followed a failure themselves are followed by nothing. Where it cannot start, its run stands as failed and
 * says why, and can be run again once that is mended.
 */
async function followFailure(tx: Tx, ctx: Context, run: string, failure: RunFailure | null): Promise<void> {
  const failed = await findRun(tx, ctx, run)
  const { automation_id: automation, version, role, test, follows } = failed
  if (automation === null || version === null || role !== 'run' || test || follows !== null) return
  const handle = (await findVersion(tx, ctx, automation, version))?.definition.settings?.onFailure
  if (handle === undefined) return
  const live = await findPublished(tx, ctx, handle)
  const follower = live ?? (await findShelved(tx, ctx, handle))
  if (follower === null) return
  const { input: given } = await tx
    .selectFrom('run_request')
    .select('input')
    .where('run_id', '=', run)
    .executeTakeFirstOrThrow()
  const about = { id: run, automation: failed.workflow, title: failed.title, receipt: failed.receipt_id }
  const why = { code: failure?.code ?? 'failed', message: failure?.message ?? '' }
  const input = afterFailure(about, why, given as JsonObject)
  const title = `After a failure: ${failed.title}`.slice(0, 200)
  const next = newId('run')
  await requestRuns(tx, ctx, [{ run: next, automation: follower, title, input, follows: run }])
  const refused = refusalOf(follower, input, live === null)
  if (refused === null) return
  await tx.updateTable('run_request').set({ refused: refused.code }).where('run_id', '=', next).execute()
  const { code, message } = refused
  await closeRun(tx, ctx, next, { phase: 'failed', outcome: null, failure: { code, message }, closedAt: new Date() })
}

/** Why an automation cannot follow: it is archived, or takes another input. */
const refusalOf = ({ name, definition }: PublishedVersion, input: JsonObject, archived: boolean): Fault | null => {
  if (archived) return new Fault('automation_archived', `“${name}” is archived; restore it, and run this again.`)
  try {
    refuseInput(definition, input)
    return null
  } catch (error) {
    if (isFault(error)) return error
    throw error
  }
}
