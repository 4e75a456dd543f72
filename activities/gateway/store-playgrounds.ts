import type { Selectable } from 'kysely'
import { append } from '#activities/audit/store.ts'
import type { Tx } from '#activities/database.ts'
import { idCursor, pageOfRows, type Page, type PageAsked } from '#activities/paging.ts'
import type { Seal } from '#activities/seal.ts'
import { Fault } from '#schemas/errors.ts'
import {
  playgroundDeleted,
  playgroundRestored,
  playgroundShared,
  type Playground,
  type PlaygroundContent,
  type WholePlayground,
} from '#schemas/gateway/playgrounds.ts'
import { newId } from '#schemas/ids.ts'
import type { GatewayPlaygroundTable } from '#schemas/tables/gateway-playground.ts'
import type { Context } from '#schemas/tenancy.ts'

type Row = Selectable<GatewayPlaygroundTable>

/** How long one that was deleted can be brought back, in ms. */
const keptDeleted = 86_400_000

const about = (tenant: string, id: string): string => `gateway_playground ${tenant} ${id}`

const living = (tx: Tx, { tenant }: Context) =>
  tx.selectFrom('gateway_playground').selectAll().where('tenant_id', '=', tenant).where('deleted_at', 'is', null)

const toPlayground = ({ actor }: Context, row: Row): Playground => ({
  id: row.id,
  name: row.name,
  models: row.models,
  shared: row.shared,
  mine: row.owner === actor.id,
  revision: row.revision,
  createdAt: row.created_at.toISOString(),
  changedAt: row.changed_at.toISOString(),
})

/** A page of one's own, the newest first. */
export async function listPlaygrounds(tx: Tx, ctx: Context, page: PageAsked): Promise<Page<Playground>> {
  let query = living(tx, ctx).where('owner', '=', ctx.actor.id)
  if (page.cursor !== undefined) query = query.where('id', '<', idCursor('playground', page.cursor))
  const { rows, next } = await pageOfRows(query.orderBy('id', 'desc'), page.limit, (row) => row.id)
  return { items: rows.map((row) => toPlayground(ctx, row)), next }
}

export async function addPlayground(
  tx: Tx,
  ctx: Context,
  seal: Seal,
  { name, content }: { name: string; content: PlaygroundContent },
): Promise<Playground> {
  const id = newId('playground')
  const { tenant, actor } = ctx
  const row = await tx
    .insertInto('gateway_playground')
    .values({
      id,
      tenant_id: tenant,
      owner: actor.id,
      name,
      models: content.models,
      sealed: sealed(seal, tenant, id, content),
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  return toPlayground(ctx, row)
}

const sealed = (seal: Seal, tenant: string, id: string, content: PlaygroundContent): Buffer =>
  seal.close(JSON.stringify(content), about(tenant, id))

/** One's own, or one that is shared; `not_found` for all others. */
export async function findPlayground(tx: Tx, ctx: Context, seal: Seal, id: string): Promise<WholePlayground> {
  const row = await living(tx, ctx)
    .where('id', '=', id)
    .where((e) => e.or([e('owner', '=', ctx.actor.id), e('shared', '=', true)]))
    .executeTakeFirst()
  if (row === undefined) throw new Fault('not_found')
  const content = JSON.parse(seal.open(row.sealed, about(ctx.tenant, id))) as PlaygroundContent
  return { ...toPlayground(ctx, row), content }
}

/** Takes one's own for a change. */
const own = async (tx: Tx, ctx: Context, id: string): Promise<Row> => {
  const row = await living(tx, ctx)
    .where('id', '=', id)
    .where('owner', '=', ctx.actor.id)
    .forUpdate()
    .executeTakeFirst()
  if (row === undefined) throw new Fault('not_found')
  return row
}

const change = async (
  tx: Tx,
  ctx: Context,
  id: string,
  set: Partial<Omit<Row, 'id' | 'tenant_id'>>,
): Promise<Playground> =>
  toPlayground(
    ctx,
    await tx
      .updateTable('gateway_playground')
      .set(set)
      .where('tenant_id', '=', ctx.tenant)
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow(),
  )

export async function changePlayground(
  tx: Tx,
  ctx: Context,
  id: string,
  { name, shared }: { name?: string | undefined; shared?: boolean | undefined },
): Promise<Playground> {
  const before = await own(tx, ctx, id)
  const next = { name: name ?? before.name, shared: shared ?? before.shared }
  if (next.shared !== before.shared) await append(tx, ctx, [playgroundShared(id, { shared: next.shared })])
  return change(tx, ctx, id, next)
}

/** `conflict` where it was saved by another screen since it was read. */
export async function savePlayground(
  tx: Tx,
  ctx: Context,
  seal: Seal,
  id: string,
  { content, revision }: { content: PlaygroundContent; revision: number },
): Promise<Playground> {
  const before = await own(tx, ctx, id)
  if (before.revision !== revision)
    throw new Fault('conflict', 'It was changed in another window.', { revision: before.revision })
  return change(tx, ctx, id, {
    models: content.models,
    sealed: sealed(seal, ctx.tenant, id, content),
    revision: revision + 1,
    changed_at: new Date(),
  })
}

export async function deletePlayground(tx: Tx, ctx: Context, id: string): Promise<void> {
  await own(tx, ctx, id)
  await change(tx, ctx, id, { deleted_at: new Date() })
  await append(tx, ctx, [playgroundDeleted(id, {})])
}

/** Brings one back that was deleted lately; one that is there stays as it is. */
export async function restorePlayground(tx: Tx, ctx: Context, id: string): Promise<Playground> {
  const row = await tx
    .selectFrom('gateway_playground')
    .selectAll()
    .where('tenant_id', '=', ctx.tenant)
    .where('id', '=', id)
    .where('owner', '=', ctx.actor.id)
    .forUpdate()
    .executeTakeFirst()
  if (row === undefined) throw new Fault('not_found')
  if (row.deleted_at === null) return toPlayground(ctx, row)
  await append(tx, ctx, [playgroundRestored(id, {})])
  return change(tx, ctx, id, { deleted_at: null })
}

/** Forgets those that were deleted more than a day ago (system role). Gives how many. */
export async function forgetPlaygrounds(tx: Tx, now: Date, limit: number): Promise<number> {
  const { numDeletedRows } = await tx
    .deleteFrom('gateway_playground')
    .where((e) =>
      e(
        'id',
        'in',
        e
          .selectFrom('gateway_playground')
          .select('id')
          .where('deleted_at', '<', new Date(now.getTime() - keptDeleted))
          .limit(limit),
      ),
    )
    .executeTakeFirst()
  return Number(numDeletedRows)
}
