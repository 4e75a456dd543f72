import { sql, type UpdateObject } from 'kysely'
import { append } from '#activities/audit/store.ts'
import { storable, type Tx } from '#activities/database.ts'
import {
  approvalEscalated,
  approvalExpired,
  approvalOpened,
  approvalReminded,
  approvalWithdrawn,
  mostPeople,
  type Assignees,
} from '#schemas/approvals.ts'
import { isAsked } from '#schemas/approvals-asked.ts'
import type { JsonSchema } from '#schemas/automation/json.ts'
import { newId } from '#schemas/ids.ts'
import type { Database } from '#schemas/tables/index.ts'
import type { Context } from '#schemas/tenancy.ts'
import { listDeciders } from './store-list.ts'

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

export type OfStep = { run: string; step: string }

/** Who is asked by the approval that a step waits for now. */
export const askedBy = (tx: Tx, { run, step }: OfStep) =>
  tx
    .selectFrom('approval')
    .select('assignees')
    .where('run_id', '=', run)
    .where('run_step', '=', step)
    .where('state', '=', 'open')

/**
 * Opens the approval of a step and marks the run as waiting; once, however often it is asked. What a model or a vendor
 * wrote is kept without what Postgres does not take: the step would be tried again for ever.
 */
export async function open(tx: Tx, ctx: Context, asked: NewApproval): Promise<string> {
  const ask = storable(asked)
  const id = newId('approval')
  const tester = await findTester(tx, ask.run)
  const assignees = alsoAsking(ask.assignees, tester)
  const escalateTo = alsoAsking(ask.escalateTo, tester)
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
      assignees: jsonOrNull(await present(tx, ctx, assignees, escalateTo)),
      escalate_to: jsonOrNull(escalateTo),
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

/** Who began the test that a run is part of; null where it is no test, or a machine began it. */
const findTester = async (tx: Tx, run: string): Promise<string | null> => {
  const { rows } = await sql<{ by: string }>`
    with recursive up as (
      select id, parent_run from run where id = ${run} and test
      union all
      select parent.id, parent.parent_run from run parent join up on parent.id = up.parent_run
    )
    select requested_by as by from run_request join up on run_id = up.id where up.parent_run is null`.execute(tx)
  return rows.find(({ by }) => by.startsWith('usr_'))?.by ?? null
}

/** Whoever tries an automation is asked beside those whom it names, and so gets to its end by themselves. */
const alsoAsking = (asked: Assignees | null, tester: string | null): Assignees | null =>
  asked === null || tester === null
    ? asked
    : { ...asked, people: [...new Set([tester, ...(asked.people ?? [])])].slice(0, mostPeople) }

/**
 * Whom an approval waits for: where all that it names by their id have left, those after them, and owners at last. It
 * would wait for nobody.
 */
export const present = async (tx: Tx, ctx: Context, ...inTurn: (Assignees | null)[]): Promise<Assignees | null> => {
  const [first = null] = inTurn
  if (first === null || first.role !== undefined) return first
  const deciders = await listDeciders(tx, ctx)
  const named = inTurn.filter((asked) => asked !== null)
  return named.find((asked) => deciders.some((one) => isAsked(asked, one))) ?? { role: 'owner' }
}

const jsonOrNull = (value: unknown): string | null => (value === null ? null : JSON.stringify(value))

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
  const { escalate_to: to } =
    (await tx
      .selectFrom('approval')
      .select('escalate_to')
      .where('run_id', '=', of.run)
      .where('run_step', '=', of.step)
      .executeTakeFirst()) ?? {}
  const id = await change(tx, of, {
    escalated_at: new Date(),
    ...(to == null ? {} : { assignees: jsonOrNull(await present(tx, ctx, to)) }),
  })
  if (id !== null) await append(tx, ctx, [approvalEscalated(id, { run: of.run })])
}

/** Changes the approval of a step while it is open; gives its id, or null where it is not. */
export const change = async (
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
export const leaveWaiting = (tx: Tx, run: string) =>
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
