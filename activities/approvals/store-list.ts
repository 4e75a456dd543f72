import { sql } from 'kysely'
import { peopleOf, roleOf } from '#activities/access/store-people.ts'
import type { Tx } from '#activities/database.ts'
import { pageOfRows, type Page, type PageAsked } from '#activities/paging.ts'
import { roles, scopesOf } from '#schemas/access.ts'
import type { Approval, ApprovalState, Decider } from '#schemas/approvals.ts'
import { Fault } from '#schemas/errors.ts'
import type { Context } from '#schemas/tenancy.ts'

type Tenant = Pick<Context, 'tenant'>

/** The names of those whom an approval names by their id. */
const people = sql<Approval['people']>`coalesce((
  select json_agg(json_build_object('id', m.user_id, 'name', m.name) order by m.name, m.user_id)
  from membership m
  where m.tenant_id = approval.tenant_id and m.user_id = any(array(
    select jsonb_array_elements_text(coalesce(assignees -> 'people', '[]') || coalesce(escalate_to -> 'people', '[]'))
  ))
), '[]')`

/** Whether the run that asks is a test. */
const ofTest = sql<boolean>`coalesce((select run.test from run where run.id = approval.run_id), false)`

/** Rows of approvals, with all that they are shown with. */
export const approvals = (tx: Tx, ctx: Tenant) =>
  tx
    .selectFrom('approval')
    .selectAll()
    .select([people.as('people'), ofTest.as('test')])
    .where('tenant_id', '=', ctx.tenant)

export type ApprovalRow = Awaited<ReturnType<ReturnType<typeof approvals>['executeTakeFirstOrThrow']>>

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
  escalateTo: row.escalate_to,
  people: row.people,
  delegable: row.delegable,
  delegated:
    row.delegated_at === null || row.delegated_by === null
      ? null
      : {
          at: row.delegated_at.toISOString(),
          by: { id: row.delegated_by, name: row.delegated_by_name ?? row.delegated_by },
          note: row.delegated_note,
        },
  unreached: Object.values(row.unreached),
  expires: row.expires,
  author: row.author,
  sandbox: row.sandbox,
  test: row.test,
  openedAt: row.opened_at.toISOString(),
  remindAt: row.remind_at?.toISOString() ?? null,
  remindedAt: row.reminded_at?.toISOString() ?? null,
  dueAt: row.due_at.toISOString(),
  escalatedAt: row.escalated_at?.toISOString() ?? null,
  decidedAt: row.decided_at?.toISOString() ?? null,
  decidedBy: row.decided_by === null ? null : { id: row.decided_by, name: row.decided_by_name ?? row.decided_by },
  note: row.note,
})

export async function findApproval(tx: Tx, ctx: Tenant, id: string): Promise<Approval> {
  const row = await approvals(tx, ctx).where('id', '=', id).executeTakeFirst()
  if (row === undefined) throw new Fault('not_found')
  return toApproval(row)
}

type ApprovalFilter = PageAsked & {
  state?: ApprovalState | undefined
  run?: string | undefined
  /** `me`: those that wait for the acting one. */
  asked: 'me' | 'anyone'
}

/** A page of approvals: open ones soonest due first, all others newest first. */
export async function listApprovals(tx: Tx, ctx: Context, filter: ApprovalFilter): Promise<Page<Approval>> {
  let query = approvals(tx, ctx)
  if (filter.state !== undefined) query = query.where('state', '=', filter.state)
  if (filter.run !== undefined) query = query.where('run_id', '=', filter.run)
  if (filter.asked === 'me') {
    const role = await roleOf(tx, ctx, ctx.actor.id)
    query = query.where(
      sql<boolean>`(assignees is null or assignees ->> 'role' = ${role} or assignees -> 'people' ? ${ctx.actor.id})`,
    )
  }
  const byDue = filter.state === 'open'
  if (filter.cursor !== undefined) {
    const [due, id] = readCursor(filter.cursor)
    query = byDue ? query.where(sql<boolean>`(due_at, id) > (${new Date(due)}, ${id})`) : query.where('id', '<', id)
  }
  const ordered = byDue ? query.orderBy('due_at').orderBy('id') : query.orderBy('id', 'desc')
  const { rows, next } = await pageOfRows(ordered, filter.limit, (row) => `${row.due_at.getTime()}~${row.id}`)
  return { items: rows.map(toApproval), next }
}

const readCursor = (cursor: string): [number, string] => {
  const match = /^(\d{1,15})~(apr_[0-9a-z]{26})$/.exec(cursor)
  if (match?.[1] === undefined || match[2] === undefined)
    throw new Fault('bad_request', 'cursor: is not one that this list gave')
  return [Number(match[1]), match[2]]
}

/** Roles that may decide on approvals at all. */
export const deciding = roles.filter((role) => scopesOf[role].includes('approvals:decide'))

/** The people who may decide, by name: whom an approval may be passed on to. */
export const listDeciders = (tx: Tx, ctx: Tenant): Promise<Decider[]> => peopleOf(tx, ctx, deciding)
