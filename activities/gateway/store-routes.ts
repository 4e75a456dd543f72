import { append, isUniqueViolation } from '#activities/audit/store.ts'
import type { Tx } from '#activities/database.ts'
import { pageOfRows, type Page, type PageAsked } from '#activities/paging.ts'
import { Fault, type Issue } from '#schemas/errors.ts'
import { routeAdded, routeChanged, routeDeleted, type ModelRoute, type Target } from '#schemas/gateway/routes.ts'
import { usualRouting, type Routing } from '#schemas/gateway/routing.ts'
import type { Guarding } from '#schemas/steering/actions.ts'
import { newId } from '#schemas/ids.ts'
import type { Context } from '#schemas/tenancy.ts'
import { holdGuardrails } from './store-guardrails.ts'

type Tenant = Pick<Context, 'tenant'>
type Acts = Record<string, Guarding>

const routes = (tx: Tx, ctx: Tenant) =>
  tx
    .selectFrom('gateway_route')
    .select(['id', 'alias', 'targets', 'routing', 'guardrails', 'created_at', 'changed_at'])
    .where('tenant_id', '=', ctx.tenant)

type Row = Awaited<ReturnType<ReturnType<typeof routes>['executeTakeFirstOrThrow']>>

const toRoute = (row: Row): ModelRoute => ({
  id: row.id,
  alias: row.alias,
  targets: row.targets,
  routing: { ...usualRouting, ...row.routing },
  guardrails: row.guardrails,
  createdAt: row.created_at.toISOString(),
  changedAt: row.changed_at.toISOString(),
})

/** A page of routes, newest first. */
export async function listRoutes(tx: Tx, ctx: Tenant, page: PageAsked): Promise<Page<ModelRoute>> {
  let query = routes(tx, ctx)
  if (page.cursor !== undefined) query = query.where('id', '<', page.cursor)
  const { rows, next } = await pageOfRows(query.orderBy('id', 'desc'), page.limit, (row) => row.id)
  return { items: rows.map(toRoute), next }
}

export async function findRoute(tx: Tx, ctx: Tenant, id: string): Promise<ModelRoute> {
  const row = await routes(tx, ctx).where('id', '=', id).executeTakeFirst()
  if (row === undefined) throw new Fault('not_found')
  return toRoute(row)
}

/** `already_exists` where the name is taken, `invalid` where a provider is not there. */
export async function addRoute(
  tx: Tx,
  ctx: Context,
  given: { alias: string; targets: Target[]; routing?: Routing | undefined; guardrails?: Acts | undefined },
): Promise<ModelRoute> {
  const { alias, targets, routing = usualRouting, guardrails = {} } = given
  await findAll(tx, ctx, targets)
  await holdGuardrails(tx, ctx, Object.keys(guardrails))
  const id = newId('route')
  try {
    await tx
      .insertInto('gateway_route')
      .values({
        id,
        tenant_id: ctx.tenant,
        alias,
        targets: JSON.stringify(targets),
        routing: JSON.stringify(routing),
        guardrails: JSON.stringify(guardrails),
      })
      .execute()
  } catch (error) {
    if (isUniqueViolation(error)) throw new Fault('already_exists', `There is a route “${alias}” already.`, {}, error)
    throw error
  }
  await append(tx, ctx, [routeAdded(id, { alias, targets, routing, guardrails })], 0)
  return findRoute(tx, ctx, id)
}

/** Changes what is given of it. */
export async function changeRoute(
  tx: Tx,
  ctx: Context,
  id: string,
  {
    targets,
    routing,
    guardrails,
  }: { targets?: Target[] | undefined; routing?: Routing | undefined; guardrails?: Acts | undefined },
): Promise<ModelRoute> {
  const changed = await tx
    .updateTable('gateway_route')
    .set({
      changed_at: new Date(),
      ...(targets === undefined ? {} : { targets: JSON.stringify(targets) }),
      ...(routing === undefined ? {} : { routing: JSON.stringify(routing) }),
      ...(guardrails === undefined ? {} : { guardrails: JSON.stringify(guardrails) }),
    })
    .where('tenant_id', '=', ctx.tenant)
    .where('id', '=', id)
    .returning(['alias', 'targets', 'routing', 'guardrails'])
    .executeTakeFirst()
  if (changed === undefined) throw new Fault('not_found')
  if (targets !== undefined) await findAll(tx, ctx, targets)
  if (guardrails !== undefined) await holdGuardrails(tx, ctx, Object.keys(guardrails))
  const { alias, targets: now, routing: how, guardrails: by } = changed
  await append(tx, ctx, [
    routeChanged(id, { alias, targets: now, routing: { ...usualRouting, ...how }, guardrails: by }),
  ])
  return findRoute(tx, ctx, id)
}

export async function deleteRoute(tx: Tx, ctx: Context, id: string): Promise<void> {
  const gone = await tx
    .deleteFrom('gateway_route')
    .where('tenant_id', '=', ctx.tenant)
    .where('id', '=', id)
    .returning('alias')
    .executeTakeFirst()
  if (gone === undefined) throw new Fault('not_found')
  await append(tx, ctx, [routeDeleted(id, { alias: gone.alias })])
}

/** Holds the providers of the targets until the route is saved, so that none is deleted meanwhile. */
const findAll = async (tx: Tx, ctx: Tenant, targets: readonly Target[]): Promise<void> => {
  const names = [...new Set(targets.map(({ provider }) => provider))]
  const found = await tx
    .selectFrom('gateway_provider')
    .select('name')
    .where('tenant_id', '=', ctx.tenant)
    .where('name', 'in', names)
    .orderBy('id')
    .forShare()
    .execute()
  const known = new Set(found.map(({ name }) => name))
  const issues: Issue[] = targets.flatMap(({ provider }, n) =>
    known.has(provider) ? [] : [{ path: `/body/targets/${n}/provider`, message: `there is no provider “${provider}”` }],
  )
  if (issues.length > 0) throw new Fault('invalid', undefined, { issues })
}
