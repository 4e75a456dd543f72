import { append, isUniqueViolation } from '#activities/audit/store.ts'
import type { Tx } from '#activities/database.ts'
import { pageOfRows, type Page, type PageAsked } from '#activities/paging.ts'
import { Fault } from '#schemas/errors.ts'
import { modelPriceDeleted, modelPriceSet, type ModelPrice } from '#schemas/gateway/prices.ts'
import { newId } from '#schemas/ids.ts'
import type { Context } from '#schemas/tenancy.ts'

type Tenant = Pick<Context, 'tenant'>

const prices = (tx: Tx, ctx: Tenant) => tx.selectFrom('gateway_price').selectAll().where('tenant_id', '=', ctx.tenant)

type Row = Awaited<ReturnType<ReturnType<typeof prices>['executeTakeFirstOrThrow']>>

const toPrice = (row: Row): ModelPrice => ({
  id: row.id,
  provider: row.provider,
  model: row.model,
  since: row.since.toISOString(),
  input: Number(row.input_nano) / 1e9,
  cached: Number(row.cached_nano) / 1e9,
  output: Number(row.output_nano) / 1e9,
  createdAt: row.created_at.toISOString(),
})
const nano = (usd: number): string => String(Math.round(usd * 1e9))

/** A page of prices, newest first. */
export async function listPrices(tx: Tx, ctx: Tenant, page: PageAsked): Promise<Page<ModelPrice>> {
  let query = prices(tx, ctx)
  if (page.cursor !== undefined) query = query.where('id', '<', page.cursor)
  const { rows, next } = await pageOfRows(query.orderBy('id', 'desc'), page.limit, (row) => row.id)
  return { items: rows.map(toPrice), next }
}

type Given = {
  provider: string
  model: string
  input: number
  output: number
  cached?: number | undefined
  since?: string | undefined
}

/** `already_exists` where there is one of the model from the same time on. */
export async function addPrice(tx: Tx, ctx: Context, given: Given): Promise<ModelPrice> {
  const { provider, model, input, output, cached = input, since = new Date().toISOString() } = given
  const id = newId('price')
  const amounts = { input_nano: nano(input), cached_nano: nano(cached), output_nano: nano(output) }
  try {
    await tx
      .insertInto('gateway_price')
      .values({ id, tenant_id: ctx.tenant, provider, model, since: new Date(since), ...amounts })
      .execute()
  } catch (error) {
    if (isUniqueViolation(error))
      throw new Fault('already_exists', `There is a price of “${provider}/${model}” from then on already.`, {}, error)
    throw error
  }
  await append(tx, ctx, [modelPriceSet(id, { provider, model, since, input, cached, output })], 0)
  return toPrice(await prices(tx, ctx).where('id', '=', id).executeTakeFirstOrThrow())
}

export async function deletePrice(tx: Tx, ctx: Context, id: string): Promise<void> {
  const gone = await prices(tx, ctx).where('id', '=', id).executeTakeFirst()
  if (gone === undefined) throw new Fault('not_found')
  await tx.deleteFrom('gateway_price').where('tenant_id', '=', ctx.tenant).where('id', '=', id).execute()
  await append(tx, ctx, [modelPriceDeleted(id, toPrice(gone))])
}
