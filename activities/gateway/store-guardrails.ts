import { sql } from 'kysely'
import { append, isUniqueViolation } from '#activities/audit/store.ts'
import type { Tx } from '#activities/database.ts'
import { pageOfRows, type Page, type PageAsked } from '#activities/paging.ts'
import { namesInForce } from '#activities/steering/store-known.ts'
import { Fault } from '#schemas/errors.ts'
import {
  guardrailAdded,
  guardrailChanged,
  guardrailDeleted,
  type Guardrail,
  type Tally,
} from '#schemas/gateway/guardrails/index.ts'
import type { GuardKindName, Side } from '#schemas/gateway/guardrails/kind.ts'
import { guardKinds, optionsOf } from '#schemas/gateway/guardrails/kinds.ts'
import { newId } from '#schemas/ids.ts'
import type { Guarding } from '#schemas/steering/actions.ts'
import type { Context } from '#schemas/tenancy.ts'

type Tenant = Pick<Context, 'tenant'>

const calling = sql<string[]>`array(
  select r.alias from gateway_route r
  where r.tenant_id = gateway_guardrail.tenant_id and r.guardrails ? gateway_guardrail.name order by r.alias)`

const tally = sql`json_build_object('looked', coalesce(sum(c.looked), 0), 'flagged', coalesce(sum(c.flagged), 0),
  'masked', coalesce(sum(c.masked), 0), 'blocked', coalesce(sum(c.blocked), 0), 'matches', coalesce(sum(c.matches), 0))`
const lately = sql<Tally>`(select ${tally} from gateway_guardrail_count c
  where c.tenant_id = gateway_guardrail.tenant_id and c.guardrail_id = gateway_guardrail.id
    and c.at > now() - interval '24 hours')`

const guardrails = (tx: Tx, ctx: Tenant) =>
  tx
    .selectFrom('gateway_guardrail')
    .selectAll()
    .select([calling.as('routes'), lately.as('lately')])
    .where('tenant_id', '=', ctx.tenant)

type Row = Awaited<ReturnType<ReturnType<typeof guardrails>['executeTakeFirstOrThrow']>>

const toGuardrail = (row: Row): Guardrail => ({
  id: row.id,
  name: row.name,
  kind: row.kind,
  options: row.options,
  sides: row.sides,
  everywhere: row.everywhere,
  routes: row.routes,
  lately: row.lately,
  createdAt: row.created_at.toISOString(),
  changedAt: row.changed_at.toISOString(),
})

/** A page of guardrails, newest first. */
export async function listGuardrails(tx: Tx, ctx: Tenant, page: PageAsked): Promise<Page<Guardrail>> {
  let query = guardrails(tx, ctx)
  if (page.cursor !== undefined) query = query.where('id', '<', page.cursor)
  const { rows, next } = await pageOfRows(query.orderBy('id', 'desc'), page.limit, (row) => row.id)
  return { items: rows.map(toGuardrail), next }
}

const findPlain = async (tx: Tx, ctx: Tenant, id: string): Promise<Guardrail> => {
  const row = await guardrails(tx, ctx).where('id', '=', id).executeTakeFirst()
  if (row === undefined) throw new Fault('not_found')
  return toGuardrail(row)
}

/** A guardrail with what it did in each hour of the last day, the oldest first. */
export async function findGuardrail(
  tx: Tx,
  ctx: Tenant,
  id: string,
): Promise<Guardrail & { course: (Tally & { at: string })[] }> {
  const found = await findPlain(tx, ctx, id)
  const { rows } = await sql<{ at: Date; tally: Tally }>`
    select h.at, ${tally} tally
    from generate_series(date_trunc('hour', now()) - interval '23 hours', now(), interval '1 hour') h(at)
    left join gateway_guardrail_count c on c.tenant_id = ${ctx.tenant} and c.guardrail_id = ${id}
      and c.at >= h.at and c.at < h.at + interval '1 hour'
    group by h.at order by h.at`.execute(tx)
  return { ...found, course: rows.map(({ at, tally: of }) => ({ at: at.toISOString(), ...of })) }
}

const fitting = (kind: GuardKindName, sides: readonly Side[]): Side[] => {
  const can: readonly Side[] = guardKinds[kind].sides
  const wrong = sides.find((side) => !can.includes(side))
  if (wrong === undefined) return [...sides]
  throw new Fault('invalid', undefined, {
    issues: [
      {
        path: '/body/sides',
        message: `this kind does not look at ${wrong === 'input' ? 'what is asked' : 'what is answered'}`,
      },
    ],
  })
}

type Given = {
  name: string
  kind: GuardKindName
  options: object
  sides?: Side[] | undefined
  everywhere: Guarding | null
}

/** `already_exists` where the name is taken. */
export async function addGuardrail(tx: Tx, ctx: Context, given: Given): Promise<Guardrail> {
  const { name, kind, options, everywhere } = given
  const sides = fitting(kind, given.sides ?? guardKinds[kind].sides)
  const id = newId('guardrail')
  try {
    await tx
      .insertInto('gateway_guardrail')
      .values({ id, tenant_id: ctx.tenant, name, kind, options: JSON.stringify(options), sides, everywhere })
      .execute()
  } catch (error) {
    if (isUniqueViolation(error))
      throw new Fault('already_exists', `There is a guardrail “${name}” already.`, {}, error)
    throw error
  }
  await append(tx, ctx, [guardrailAdded(id, { name, kind, sides, everywhere })], 0)
  return findPlain(tx, ctx, id)
}

type Change = {
  options?: Record<string, unknown> | undefined
  sides?: Side[] | undefined
  everywhere?: Guarding | null | undefined
}

/** Changes what is given of it. */
export async function changeGuardrail(tx: Tx, ctx: Context, id: string, change: Change): Promise<Guardrail> {
  const { kind } = await findPlain(tx, ctx, id)
  const { options, sides, everywhere } = change
  await tx
    .updateTable('gateway_guardrail')
    .set({
      changed_at: new Date(),
      ...(options === undefined ? {} : { options: JSON.stringify(readOptions(kind, options)) }),
      ...(sides === undefined ? {} : { sides: fitting(kind, sides) }),
      ...(everywhere === undefined ? {} : { everywhere }),
    })
    .where('tenant_id', '=', ctx.tenant)
    .where('id', '=', id)
    .execute()
  const now = await findPlain(tx, ctx, id)
  await append(tx, ctx, [guardrailChanged(id, { name: now.name, kind, sides: now.sides, everywhere: now.everywhere })])
  return now
}

const readOptions = (kind: GuardKindName, options: unknown): unknown => {
  const read = optionsOf(kind).safeParse(options)
  if (read.success) return read.data
  throw new Fault('invalid', undefined, {
    issues: read.error.issues.map(({ path, message }) => ({ path: `/body/options/${path.join('/')}`, message })),
  })
}

/** `guardrail_in_use` while a route or a rule in force calls for it. */
export async function deleteGuardrail(tx: Tx, ctx: Context, id: string): Promise<void> {
  // routes that are saved at the same time wait for this, and find it gone
  await tx
    .selectFrom('gateway_guardrail')
    .select('id')
    .where('tenant_id', '=', ctx.tenant)
    .where('id', '=', id)
    .forUpdate()
    .execute()
  const { name, kind, routes } = await findPlain(tx, ctx, id)
  const [route] = routes
  if (route !== undefined) throw new Fault('guardrail_in_use', `The route “${route}” calls for it.`)
  const rule = (await namesInForce(tx, ctx.tenant)).get(name)
  if (rule !== undefined) throw new Fault('guardrail_in_use', `The rule “${rule}” calls for it.`)
  for (const table of ['gateway_guardrail_count', 'gateway_guardrail'] as const)
    await tx
      .deleteFrom(table)
      .where('tenant_id', '=', ctx.tenant)
      .where(table === 'gateway_guardrail' ? 'id' : 'guardrail_id', '=', id)
      .execute()
  await append(tx, ctx, [guardrailDeleted(id, { name, kind })])
}

/** Holds guardrails until what calls for them is saved, so that none is deleted meanwhile; `invalid` where one is not there. */
export async function holdGuardrails(tx: Tx, ctx: Tenant, names: readonly string[]): Promise<void> {
  if (names.length === 0) return
  const found = await tx
    .selectFrom('gateway_guardrail')
    .select('name')
    .where('tenant_id', '=', ctx.tenant)
    .where('name', 'in', names)
    .orderBy('id')
    .forShare()
    .execute()
  const known = new Set(found.map(({ name }) => name))
  const issues = names
    .filter((name) => !known.has(name))
    .map((name) => ({ path: `/body/guardrails/${name}`, message: `there is no guardrail “${name}”` }))
  if (issues.length > 0) throw new Fault('invalid', undefined, { issues })
}
