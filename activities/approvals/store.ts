import { sql, type Selectable } from 'kysely'
import { append } from '#activities/audit/store.ts'
import { storable, type Tx } from '#activities/database.ts'
import {
  approvalDecided,
  approvalEscalated,
  approvalOpened,
  approvalReminded,
  approvalWithdrawn,
  type Approval,
  type ApprovalState,
} from '#schemas/approvals.ts'
import { Fault } from '#schemas/errors.ts'
import { sisterId } from '#schemas/ids.ts'
import type { DecisionInput } from '#schemas/leads/run.ts'
import type { ApprovalTable } from '#schemas/tables/approvals.ts'
import type { Context } from '#schemas/tenancy.ts'

type ApprovalRow = Selectable<ApprovalTable>

export const toApproval = (row: ApprovalRow): Approval => ({
  id: row.id,
  approval: row.id,
  run: row.run_id,
  title: row.title,
  state: row.state,
  text: row.text,
  context: row.context,
  author: row.author,
  sandbox: row.sandbox,
  openedAt: row.opened_at.toISOString(),
  remindAt: row.remind_at?.toISOString() ?? null,
  remindedAt: row.reminded_at?.toISOString() ?? null,
  dueAt: row.due_at.toISOString(),
  escalatedAt: row.escalated_at?.toISOString() ?? null,
  decidedAt: row.decided_at?.toISOString() ?? null,
  decidedBy: row.decided_by === null ? null : { id: row.decided_by, name: row.decided_by_name ?? row.decided_by },
  note: row.note,
})

export const approvalOfRun = (run: string): string => sisterId('approval', run)

export type NewApproval = {
  run: string
  title: string
  text: string
  context: Record<string, unknown>
  author: string
  sandbox: boolean
  remindAt: Date
  dueAt: Date
}

/**
 * Opens the approval of a run and marks the run as waiting; once, however often it is asked. What a model or a vendor
 * wrote is kept without what Postgres does not take: the step would be tried again for ever.
 */
export async function open(tx: Tx, ctx: Context, asked: NewApproval): Promise<string> {
  const ask = storable(asked)
  const id = approvalOfRun(ask.run)
  const inserted = await tx
    .insertInto('approval')
    .values({
      id,
      tenant_id: ctx.tenant,
      run_id: ask.run,
      title: ask.title,
      state: 'open',
      text: ask.text,
      context: JSON.stringify(ask.context),
      author: ask.author,
      sandbox: ask.sandbox,
      remind_at: ask.remindAt,
      due_at: ask.dueAt,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  if ((inserted.numInsertedOrUpdatedRows ?? 0n) === 0n) return id
  await tx.updateTable('run').set({ approval_id: id }).where('id', '=', ask.run).execute()
  await append(tx, ctx, [approvalOpened(id, { run: ask.run, dueAt: ask.dueAt.toISOString() })])
  return id
}

/** Writes down what a person decided. The workflow's validator has let one decision through; this records it once. */
export async function record(tx: Tx, ctx: Context, run: string, made: DecisionInput): Promise<void> {
  const id = approvalOfRun(run)
  const { numUpdatedRows } = await tx
    .updateTable('approval')
    .set({
      state: made.decision === 'approve' ? 'approved' : 'rejected',
      decided_at: new Date(),
      decided_by: made.by.id,
      decided_by_name: made.by.name,
      note: made.note,
      ...(made.text === null ? {} : { text: made.text }),
    })
    .where('id', '=', id)
    .where('state', '=', 'open')
    .executeTakeFirst()
  if (numUpdatedRows === 0n) return
  await leaveWaiting(tx, run)
  const by = {
    ...ctx,
    actor: { kind: made.by.id.startsWith('key_') ? ('api_key' as const) : ('user' as const), ...made.by },
  }
  await append(tx, by, [
    approvalDecided(id, { run, decision: made.decision, edited: made.text !== null, note: made.note }),
  ])
}

export async function withdraw(tx: Tx, ctx: Context, run: string): Promise<void> {
  if (await mark(tx, run, { state: 'withdrawn' })) {
    await leaveWaiting(tx, run)
    await append(tx, ctx, [approvalWithdrawn(approvalOfRun(run), { run })])
  }
}

export async function remind(tx: Tx, ctx: Context, run: string): Promise<void> {
  if (await mark(tx, run, { reminded_at: new Date() }))
    await append(tx, ctx, [approvalReminded(approvalOfRun(run), { run })])
}

export async function escalate(tx: Tx, ctx: Context, run: string): Promise<void> {
  if (await mark(tx, run, { escalated_at: new Date() }))
    await append(tx, ctx, [approvalEscalated(approvalOfRun(run), { run })])
}

const mark = async (
  tx: Tx,
  run: string,
  set: Partial<{ state: ApprovalState; reminded_at: Date; escalated_at: Date }>,
) => {
  const { numUpdatedRows } = await tx
    .updateTable('approval')
    .set(set)
    .where('id', '=', approvalOfRun(run))
    .where('state', '=', 'open')
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

const leaveWaiting = (tx: Tx, run: string) =>
  tx.updateTable('run').set({ approval_id: null }).where('id', '=', run).execute()

export async function findApproval(tx: Tx, ctx: Context, id: string): Promise<Approval> {
  const row = await tx
    .selectFrom('approval')
    .selectAll()
    .where('tenant_id', '=', ctx.tenant)
    .where('id', '=', id)
    .executeTakeFirst()
  if (row === undefined) throw new Fault('not_found')
  return toApproval(row)
}

type ApprovalFilter = {
  state?: ApprovalState | undefined
  run?: string | undefined
  cursor?: string | undefined
  limit: number
}

/** A page of approvals: open ones soonest due first, all others newest first. */
export async function listApprovals(
  tx: Tx,
  ctx: Context,
  filter: ApprovalFilter,
): Promise<{ items: Approval[]; next: string | null }> {
  let query = tx.selectFrom('approval').selectAll().where('tenant_id', '=', ctx.tenant)
  if (filter.state !== undefined) query = query.where('state', '=', filter.state)
  if (filter.run !== undefined) query = query.where('run_id', '=', filter.run)
  const byDue = filter.state === 'open'
  if (filter.cursor !== undefined) {
    const [due, id] = readCursor(filter.cursor)
    query = byDue ? query.where(sql<boolean>`(due_at, id) > (${new Date(due)}, ${id})`) : query.where('id', '<', id)
  }
  const ordered = byDue ? query.orderBy('due_at').orderBy('id') : query.orderBy('id', 'desc')
  const rows = await ordered.limit(filter.limit + 1).execute()
  const page = rows.slice(0, filter.limit)
  const last = page.at(-1)
  return {
    items: page.map(toApproval),
    next: rows.length > filter.limit && last !== undefined ? `${last.due_at.getTime()}~${last.id}` : null,
  }
}

const readCursor = (cursor: string): [number, string] => {
  const match = /^(\d{1,15})~(apr_[0-9a-z]{26})$/.exec(cursor)
  if (match?.[1] === undefined || match[2] === undefined)
    throw new Fault('bad_request', 'cursor: is not one that this list gave')
  return [Number(match[1]), match[2]]
}
