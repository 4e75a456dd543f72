import { roleOf } from '#activities/access/store-people.ts'
import { append } from '#activities/audit/store.ts'
import { storable, type Tx } from '#activities/database.ts'
import { approvalDecided, approvalDelegated, type Approval, type Assignees } from '#schemas/approvals.ts'
import { isAsked, mayOverride, type Asked } from '#schemas/approvals-asked.ts'
import type { DecisionInput } from '#schemas/automation/run.ts'
import type { Role } from '#schemas/access.ts'
import { Fault } from '#schemas/errors.ts'
import type { Context } from '#schemas/tenancy.ts'
import { deciding, findApproval } from './store-list.ts'
import { askedBy, change, leaveWaiting, type OfStep } from './store.ts'

/** The refusal of what comes too late. */
export const closed = (state: string, by: { id: string; name: string } | null): Fault =>
  new Fault(
    'already_decided',
    by === null ? `This approval is ${state}.` : `${by.name} has already decided: ${state}.`,
    by === null ? {} : { decidedBy: by },
  )

/** Refuses who is not asked, but for an owner who says why. Gives whether it is one of those. */
export async function refuseOthers(
  tx: Tx,
  ctx: Pick<Context, 'tenant'>,
  asked: Asked,
  { by, note }: { by: string; note: string | null },
): Promise<{ overridden: boolean }> {
  const role = await roleOf(tx, ctx, by)
  if (isAsked(asked, { id: by, role })) return { overridden: false }
  if (!mayOverride(role)) throw new Fault('not_assigned')
  if (note === null || note === '')
    throw new Fault(
      'not_assigned',
      'It waits for somebody else: as an owner, say in a note why you do it all the same.',
    )
  return { overridden: true }
}

/**
 * Writes down what a person decided. The workflow's validator has let one decision through; this records it once. Who is
 * asked is looked at again here: since they began to decide it may have been passed on.
 */
export async function record(tx: Tx, ctx: Context, said: DecisionInput & OfStep): Promise<void> {
  const made = storable(said)
  const { run, decision, text, note, values } = made
  const row = await askedBy(tx, made).forUpdate().executeTakeFirst()
  if (row === undefined) return
  const { overridden } = await refuseOthers(tx, ctx, row.assignees, { by: made.by.id, note })
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
  await append(tx, by, [approvalDecided(id, { run, decision, edited: text !== null, note, overridden })])
}

export type Delegation = { to: { person: string } | { role: Role }; note?: string | undefined }

/**
 * Passes an open approval on: whom it waited for is asked no longer. A decision that is on its way meanwhile finds that
 * out when it is recorded. Gives the approval, and how often it was passed on by now.
 */
export async function delegate(
  tx: Tx,
  ctx: Context,
  id: string,
  given: Delegation,
): Promise<{ approval: Approval; times: number }> {
  const row = await tx
    .selectFrom('approval')
    .select(['id', 'run_id as run', 'state', 'assignees', 'delegable', 'delegations', 'decided_by', 'decided_by_name'])
    .where('tenant_id', '=', ctx.tenant)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
  if (row === undefined) throw new Fault('not_found')
  const { run, state, assignees: from, decided_by: by } = row
  const times = row.delegations + 1
  if (state !== 'open') throw closed(state, by === null ? null : { id: by, name: row.decided_by_name ?? by })
  if (!row.delegable) throw new Fault('not_delegable')
  const note = storable(given.note ?? '') || null
  await refuseOthers(tx, ctx, from, { by: ctx.actor.id, note })
  const to = await readDelegate(tx, ctx, given.to)
  await tx
    .updateTable('approval')
    .set({
      assignees: JSON.stringify(to),
      delegated_at: new Date(),
      delegated_by: ctx.actor.id,
      delegated_by_name: ctx.actor.name ?? null,
      delegated_note: note,
      delegations: times,
    })
    .where('id', '=', id)
    .execute()
  await append(tx, ctx, [approvalDelegated(id, { run, from, to, note })])
  return { approval: await findApproval(tx, ctx, id), times }
}

/** Refuses to pass it to somebody who could not decide. */
const readDelegate = async (tx: Tx, ctx: Context, to: Delegation['to']): Promise<Assignees> => {
  const byRole = 'role' in to
  const role = byRole ? to.role : await roleOf(tx, ctx, to.person)
  if (role !== null && deciding.includes(role)) return byRole ? { role: to.role } : { people: [to.person] }
  const path = `/body/to/${byRole ? 'role' : 'person'}`
  throw new Fault('invalid', undefined, { issues: [{ path, message: 'may not decide on approvals' }] })
}
