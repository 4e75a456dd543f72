import { sql } from 'kysely'
import { append } from '#activities/audit/store.ts'
import type { Db, Tx } from '#activities/database.ts'
import { pageOfRows, type Page, type PageAsked } from '#activities/paging.ts'
import { Fault } from '#schemas/errors.ts'
import {
  amountOf,
  budgetChanged,
  budgetDeleted,
  budgetSet,
  pers,
  valueOf,
  wrongLimits,
  type Budget,
  type Course,
  type Limits,
  type Per,
  type Subject,
  type SubjectKind,
  type Unit,
} from '#schemas/gateway/budgets.ts'
import { newId } from '#schemas/ids.ts'
import type { Context } from '#schemas/tenancy.ts'
import type { Stands } from './relay/standing.ts'

type Tenant = Pick<Context, 'tenant'>

/** A subject as one text: what stands in the row. */
export const subjectText = (of: Subject): string => {
  switch (of.kind) {
    case 'tenant':
      return ''
    case 'user':
      return of.user
    case 'key':
      return of.key
    case 'model':
      return of.model
    default:
      return `${of.tag}=${of.value}`
  }
}

const subjectOf = (kind: SubjectKind, text: string): Subject => {
  if (kind === 'tenant') return { kind }
  if (kind === 'user') return { kind, user: text }
  if (kind === 'key') return { kind, key: text }
  if (kind === 'model') return { kind, model: text }
  const at = text.indexOf('=')
  return { kind, tag: text.slice(0, at), value: text.slice(at + 1) }
}

const budgets = (tx: Tx, ctx: Tenant) => tx.selectFrom('gateway_budget').selectAll().where('tenant_id', '=', ctx.tenant)

type Row = Awaited<ReturnType<ReturnType<typeof budgets>['executeTakeFirstOrThrow']>>
type State = {
  budget_id: string
  per: Per
  cap: string
  spent: string
  leased: string
  starts_at: Date
  ends_at: Date | null
}

/** The limits of budgets, each with the window that runs now. */
const limitsAtNow = sql`gateway_budget_limit l
  join gateway_budget b on b.tenant_id = l.tenant_id and b.id = l.budget_id
  cross join lateral gateway_budget_window_at(l.per, b.zone, now()) w
  left join gateway_budget_window w_spent on w_spent.tenant_id = l.tenant_id and w_spent.budget_id = l.budget_id
    and w_spent.per = l.per and w_spent.starts_at = w.starts_at`
const stateColumns = sql`l.budget_id, l.per, l.amount cap, w.starts_at, w.ends_at, coalesce(w_spent.spent, 0) spent,
  coalesce((select sum(greatest(s.amount, 0)) from gateway_budget_lease s
    join gateway_budget_holder h on h.id = s.holder_id and gateway_budget_lives(h.beat_at)
    where s.tenant_id = l.tenant_id and s.budget_id = l.budget_id and s.per = l.per and s.starts_at = w.starts_at), 0) leased`

/** How the windows of budgets stand now. */
const statesOf = async (tx: Tx, ctx: Tenant, ids: readonly string[]): Promise<State[]> => {
  const { rows } = await sql<State>`
    select ${stateColumns} from ${limitsAtNow} where l.tenant_id = ${ctx.tenant} and l.budget_id = any(${ids})`.execute(
    tx,
  )
  return rows
}

/** Of all tenants, those that are nearest to their limits: `most` of them at the most. */
export async function readBudgetFigures(tx: Tx, most: number): Promise<BudgetFigures[]> {
  const { rows } = await sql<State & { unit: Unit; tenant_id: string; subject_kind: SubjectKind; subject: string }>`
    select ${stateColumns}, b.unit, b.tenant_id, b.subject_kind, b.subject from ${limitsAtNow}
    order by coalesce(w_spent.spent, 0)::float8 / greatest(l.amount, 1) desc, l.budget_id limit ${most}`.execute(tx)
  return rows.map(({ tenant_id: tenant, budget_id: budget, per, unit, cap, spent, leased, ...row }) => ({
    labels: { tenant, budget, per, unit },
    subject: subjectOf(row.subject_kind, row.subject),
    endsAt: row.ends_at,
    limit: valueOf(unit, Number(cap)),
    spent: valueOf(unit, Number(spent)),
    leased: valueOf(unit, Number(leased)),
    remaining: valueOf(unit, Number(cap) - Number(spent) - Number(leased)),
  }))
}
export type BudgetFigures = {
  labels: { tenant: string; budget: string; per: Per; unit: Unit }
  subject: Subject
  /** When it begins anew; null for what does not. */
  endsAt: Date | null
  limit: number
  spent: number
  leased: number
  remaining: number
}

/** How the budgets of a tenant stand, by what is written down; amounts as they are kept. */
export async function readStands(system: Db, tenant: string): Promise<Stands> {
  const { rows } = await sql<State>`select ${stateColumns} from ${limitsAtNow} where l.tenant_id = ${tenant}`.execute(
    system,
  )
  return rows.map(({ budget_id: budget, per, cap, spent }) => ({ budget, per, cap: Number(cap), spent: Number(spent) }))
}

const epoch = 0
const toBudget = (row: Row, states: readonly State[]): Budget => ({
  id: row.id,
  name: row.name,
  subject: subjectOf(row.subject_kind, row.subject),
  unit: row.unit,
  zone: row.zone,
  windows: states
    .filter(({ budget_id: of }) => of === row.id)
    .toSorted((a, b) => pers.indexOf(a.per) - pers.indexOf(b.per))
    .map(({ per, cap, spent, leased, starts_at: began, ends_at: ends }) => ({
      per,
      limit: valueOf(row.unit, Number(cap)),
      spent: valueOf(row.unit, Number(spent)),
      leased: valueOf(row.unit, Number(leased)),
      left: valueOf(row.unit, Math.max(0, Number(cap) - Number(spent) - Number(leased))),
      beganAt: began.getTime() === epoch ? null : began.toISOString(),
      anewAt: ends?.toISOString() ?? null,
    })),
  createdAt: row.created_at.toISOString(),
  changedAt: row.changed_at.toISOString(),
})

/** A page of budgets, newest first. */
export async function listBudgets(tx: Tx, ctx: Tenant, page: PageAsked): Promise<Page<Budget>> {
  let query = budgets(tx, ctx)
  if (page.cursor !== undefined) query = query.where('id', '<', page.cursor)
  const { rows, next } = await pageOfRows(query.orderBy('id', 'desc'), page.limit, (row) => row.id)
  const states = await statesOf(
    tx,
    ctx,
    rows.map(({ id }) => id),
  )
  return { items: rows.map((row) => toBudget(row, states)), next }
}

const findPlain = async (tx: Tx, ctx: Tenant, id: string): Promise<Budget> => {
  const row = await budgets(tx, ctx).where('id', '=', id).executeTakeFirst()
  if (row === undefined) throw new Fault('not_found')
  return toBudget(row, await statesOf(tx, ctx, [id]))
}

/** A budget with the course of its windows: sums from the beginning of each. */
export async function findBudget(tx: Tx, ctx: Tenant, id: string): Promise<Budget & { courses: Course[] }> {
  const found = await findPlain(tx, ctx, id)
  const points = await tx
    .selectFrom('gateway_budget_point')
    .select(['per', 'starts_at', 'at', 'spent'])
    .where('tenant_id', '=', ctx.tenant)
    .where('budget_id', '=', id)
    .where(sql<boolean>`(per, starts_at) in (select l.per, w.starts_at from gateway_budget_limit l,
      lateral gateway_budget_window_at(l.per, ${found.zone}, now()) w
      where l.tenant_id = ${ctx.tenant} and l.budget_id = ${id})`)
    .orderBy('at')
    .execute()
  const courses = found.windows
    .filter(({ per }) => per !== 'at_once')
    .map(({ per, beganAt, anewAt }): Course => {
      let sum = 0
      const of = points.filter((point) => point.per === per)
      return {
        per,
        beganAt: beganAt ?? found.createdAt,
        anewAt,
        points: of.map(({ at, spent }) => {
          sum += Number(spent)
          return { at: at.toISOString(), spent: valueOf(found.unit, sum) }
        }),
      }
    })
  return { ...found, courses }
}

type Given = { name: string; subject: Subject; unit: Unit; limits: Limits; zone: string }

/** `invalid` where the key or the person is not there. */
export async function addBudget(tx: Tx, ctx: Context, { name, subject, unit, limits, zone }: Given): Promise<Budget> {
  await findSubject(tx, ctx, subject)
  const id = newId('budget')
  await tx
    .insertInto('gateway_budget')
    .values({
      id,
      tenant_id: ctx.tenant,
      name,
      subject_kind: subject.kind,
      subject: subjectText(subject),
      unit,
      zone,
    })
    .execute()
  await addLimits(tx, ctx, id, unit, limits)
  await append(tx, ctx, [budgetSet(id, { name, subject, unit, limits })], 0)
  return findPlain(tx, ctx, id)
}

const addLimits = async (tx: Tx, ctx: Tenant, id: string, unit: Unit, limits: Limits): Promise<void> => {
  const rows = limits.map(({ per, limit }) => ({
    tenant_id: ctx.tenant,
    budget_id: id,
    per,
    amount: String(amountOf(unit, limit)),
  }))
  await tx.insertInto('gateway_budget_limit').values(rows).execute()
}

const findSubject = async (tx: Tx, ctx: Tenant, subject: Subject): Promise<void> => {
  const missing = (what: string) =>
    new Fault('invalid', undefined, {
      issues: [{ path: `/body/subject/${subject.kind}`, message: `there is no ${what}` }],
    })
  if (subject.kind === 'key') {
    const key = tx.selectFrom('gateway_key').select('id').where('tenant_id', '=', ctx.tenant)
    if ((await key.where('id', '=', subject.key).executeTakeFirst()) === undefined) throw missing('such key')
  }
  if (subject.kind === 'user') {
    const member = tx.selectFrom('membership').select('user_id').where('tenant_id', '=', ctx.tenant)
    if ((await member.where('user_id', '=', subject.user).executeTakeFirst()) === undefined)
      throw missing('such person')
  }
}

export async function changeBudget(
  tx: Tx,
  ctx: Context,
  id: string,
  { name, limits }: { name?: string | undefined; limits?: Limits | undefined },
): Promise<Budget> {
  const changed = await tx
    .updateTable('gateway_budget')
    .set({ changed_at: new Date(), ...(name === undefined ? {} : { name }) })
    .where('tenant_id', '=', ctx.tenant)
    .where('id', '=', id)
    .returning('unit')
    .executeTakeFirst()
  if (changed === undefined) throw new Fault('not_found')
  if (limits !== undefined) {
    const issues = wrongLimits(changed.unit, limits).map(({ path, message }) => ({
      path: `/body/${path.join('/')}`,
      message,
    }))
    if (issues.length > 0) throw new Fault('invalid', undefined, { issues })
    await tx
      .deleteFrom('gateway_budget_limit')
      .where('tenant_id', '=', ctx.tenant)
      .where('budget_id', '=', id)
      .execute()
    await addLimits(tx, ctx, id, changed.unit, limits)
  }
  const now = await findPlain(tx, ctx, id)
  await append(tx, ctx, [budgetChanged(id, factsOf(now))])
  return now
}

const factsOf = ({ name, subject, unit, windows }: Budget) => ({
  name,
  subject,
  unit,
  limits: windows.map(({ per, limit }) => ({ per, limit })),
})

/** Gives how it stood. */
export async function deleteBudget(tx: Tx, ctx: Context, id: string): Promise<Budget> {
  const last = await findPlain(tx, ctx, id)
  await tx.deleteFrom('gateway_budget').where('tenant_id', '=', ctx.tenant).where('id', '=', id).execute()
  await append(tx, ctx, [budgetDeleted(id, factsOf(last))])
  return last
}
