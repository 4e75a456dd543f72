import { askedBy } from '#activities/approvals/store.ts'
import { refuseOthers } from '#activities/approvals/store-decide.ts'
import { findVersion } from '#activities/automation/store-versions.ts'
import type { Tx } from '#activities/database.ts'
import { titleOf } from '#schemas/automation/definition.ts'
import { Fault } from '#schemas/errors.ts'
import type { Context } from '#schemas/tenancy.ts'
import { findRun } from './store.ts'

export type AskedSkip = { run: string; step?: string; note?: string | undefined }

/** Refuses to skip an approval to who may not decide it: the run would go on as if somebody had. */
export async function refuseSkip(tx: Tx, ctx: Context, { run, step = '', note }: AskedSkip): Promise<void> {
  const { automation_id: automation, version } = await findRun(tx, ctx, run)
  const found = automation === null || version === null ? null : await findVersion(tx, ctx, automation, version)
  const node = found?.definition.nodes.find(({ id }) => id === step.slice(0, step.lastIndexOf('#')))
  if (node?.kind !== 'approval') return
  if (!ctx.scopes.includes('approvals:decide'))
    throw new Fault('forbidden', 'Skipping an approval needs the scope approvals:decide, as deciding it does.')
  const open = await askedBy(tx, { run, step }).executeTakeFirst()
  if (open === undefined)
    throw new Fault('not_possible', `“${titleOf(node)}” is waiting for nobody now: skip it while it does.`)
  await refuseOthers(tx, ctx, open.assignees, { by: ctx.actor.id, note: note ?? null })
}
