import { sql, type Selectable, type UpdateObject } from 'kysely'
import { append } from '#activities/audit/store.ts'
import { storable, type Tx } from '#activities/database.ts'
import {
  approvalDecided,
  approvalEscalated,
  approvalExpired,
  approvalOpened,
  approvalReminded,
  approvalWithdrawn,
  type Approval,
  type ApprovalState,
  type Assignees,
} from '#schemas/approvals.ts'
import { Fault } from '#schemas/errors.ts'
import type { JsonSchema } from '#schemas/automation/json.ts'
import type { DecisionInput } from '#schemas/automation/run.ts'
import { newId } from '#schemas/ids.ts'
import type { ApprovalTable } from '#schemas/tables/approvals.ts'
import type { Database } from '#schemas/tables/index.ts'
import type { Context } from '#schemas/tenancy.ts'

type ApprovalRow = Selectable<ApprovalTable>

export const toApproval = (row: ApprovalRow): Approval => ({
  id: row.id,
  approval: row.id,
  run: row.run_id,
  step: row.run_step,
  title: row.title,
  state: row.state,
  text: row.text,
  context: row.context,
  form: row.form,
  filled: row.filled,
  assignees: row.assignees,
  delegable: row.delegable,
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

export type NewApproval = {
  run: string
  step: string
  title: string
  text: string
  context: Record<string, unknown>
  author: string
  sandbox: boolean
  form: JsonSchema | null
  assignees: Assignees | null
  escalateTo: Assignees | null
  delegable: boolean
  expires: boolean
  remindAt: Date
  dueAt: Date
}

type OfStep = { run: string; step: string }

/**
 * Opens the approval of a step and marks the run as waiting; once, however often it is asked. What a model or a vendor
 * wrote is kept without what Postgres does not take: the step would be tried again for ever.
 */
export async function open(tx: Tx, ctx: Context, asked: NewApproval): Promise<string> {
  const ask = storable(asked)
  const id = newId('approval')
  const inserted = await tx
    .insertInto('approval')
    .values({
      id,
      tenant_id: ctx.tenant,
      run_id: ask.run,
      run_step: ask.step,
      title: ask.title,
      state: 'open',
      text: ask.text,
      context: JSON.stringify(ask.context),
      author: ask.author,
      sandbox: ask.sandbox,
      form: jsonOrNull(ask.form),
      assignees: jsonOrNull(ask.assignees),
      escalate_to: jsonOrNull(ask.escalateTo),
      delegable: ask.delegable,
      expires: ask.expires,
      remind_at: ask.remindAt,
      due_at: ask.dueAt,
    })
    .onConflict((conflict) => conflict.columns(['run_id', 'run_step']).doNothing())
    .executeTakeFirst()
  if ((inserted.numInsertedOrUpdatedRows ?? 0n) === 0n) {
    const { run, step } = ask
    const known = tx.selectFrom('approval').select('id').where('run_id', '=', run).where('run_step', '=', step)
    return (await known.executeTakeFirstOrThrow()).id
  }
  await tx.updateTable('run').set({ approval_id: id }).where('id', '=', ask.run).execute()
  await append(tx, ctx, [approvalOpened(id, { run: ask.run, dueAt: ask.dueAt.toISOString() })])
  return id
}

const jsonOrNull = (value: unknown): string | null => (value === null ? null : JSON.stringify(value))

/** Writes down what a person decided. The workflow's validator has let one decision through; this records it once. */
export async function record(tx: Tx, ctx: Context, made: DecisionInput & OfStep): Promise<void> {
  const { run, decision, text, note, values } = made
  const id = await change(tx, made, {
    state: decision === 'approve' ? 'approved' : 'rejected',
    decided_at: new Date(),
    decided_by: made.by.id,
    decided_by_name: made.by.name,
    note,
    filled: Object.keys(values).length === 0 ? null : JSON.stringify(values),
    ...(text === null ? {} : { text }),
  })
  if (id === null) return
  await leaveWaiting(tx, run)
  const by = {
    ...ctx,
    actor: { kind: made.by.id.startsWith('key_') ? ('api_key' as const) : ('user' as const), ...made.by },
  }
  await append(tx, by, [approvalDecided(id, { run, decision, edited: text !== null, note })])
}

export async function withdraw(tx: Tx, ctx: Context, of: OfStep): Promise<void> {
  const id = await change(tx, of, { state: 'withdrawn' })
  if (id === null) return
  await leaveWaiting(tx, of.run)
  await append(tx, ctx, [approvalWithdrawn(id, { run: of.run })])
}

/** Closes it undecided: its time is over, and the run goes on without. */
export async function expire(tx: Tx, ctx: Context, of: OfStep): Promise<void> {
  const id = await change(tx, of, { state: 'expired' })
  if (id === null) return
  await leaveWaiting(tx, of.run)
  await append(tx, ctx, [approvalExpired(id, { run: of.run })])
}

export async function remind(tx: Tx, ctx: Context, of: OfStep): Promise<void> {
  const id = await change(tx, of, { reminded_at: new Date() })
  if (id !== null) await append(tx, ctx, [approvalReminded(id, { run: of.run })])
}

/** Hands it up: to whom it names, or to everybody who may decide. */
export async function escalate(tx: Tx, ctx: Context, of: OfStep): Promise<void> {
  const id = await change(tx, of, {
    escalated_at: new Date(),
    assignees: sql<string | null>`coalesce(escalate_to, assignees)`,
  })
  if (id !== null) await append(tx, ctx, [approvalEscalated(id, { run: of.run })])
}

/** Changes the approval of a step while it is open; gives its id, or null where it is not. */
const change = async (
  tx: Tx,
  { run, step }: OfStep,
  set: UpdateObject<Database, 'approval'>,
): Promise<string | null> => {
  const row = await tx
    .updateTable('approval')
    .set(set)
    .where('run_id', '=', run)
    .where('run_step', '=', step)
    .where('state', '=', 'open')
    .returning('id')
    .executeTakeFirst()
  return row?.id ?? null
}

/** The run waits for the oldest approval that is still open, or for none. */
const leaveWaiting = (tx: Tx, run: string) =>
  tx
    .updateTable('run')
    .set((e) => ({
      approval_id: e
        .selectFrom('approval')
        .select('id')
        .where('run_id', '=', run)
        .where('state', '=', 'open')
        .orderBy('id')
        .limit(1),
    }))
    .where('id', '=', run)
    .execute()

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
