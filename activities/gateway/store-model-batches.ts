import { onBehalf } from '#activities/audit/behalf.ts'
import { sql, type Selectable } from 'kysely'
import { append } from '#activities/audit/store.ts'
import { asTenant, storable, withTenant, type Databases, type Tx } from '#activities/database.ts'
import { Fault } from '#schemas/errors.ts'
import type { LineProblem } from '#schemas/gateway/batch-lines.ts'
import { modelBatchClosed, modelBatchRequested, type ModelBatchState } from '#schemas/gateway/batches.ts'
import { newId } from '#schemas/ids.ts'
import type { GatewayBatchTable } from '#schemas/tables/gateway-batches.ts'
import type { Context } from '#schemas/tenancy.ts'
import { giveUp, sizeOf } from './store-batch-lines.ts'
import { filesLast, type FileOwner } from './store-files.ts'

export type ModelBatchRow = Selectable<GatewayBatchTable>
type Tenant = Pick<Context, 'tenant'>

/** How long a batch may take, in ms. */
const window = 24 * 3_600_000

export type ModelBatchWish = Pick<ModelBatchRow, 'wire' | 'endpoint'> & {
  key: string | null
  name?: string | null
  file?: string | null
  metadata?: Record<string, string> | null
  along?: Record<string, string>
  /** How many lines it has, where they are known already. */
  total?: number
}

/** Writes a batch down; Temporal is told afterwards. One of unknown lines has them read first. */
export async function requestModelBatch(tx: Tx, ctx: Context, wish: ModelBatchWish): Promise<ModelBatchRow> {
  const { wire, endpoint, key, name = null, file = null, metadata = null, along = {}, total } = wish
  const now = Date.now()
  const row = await tx
    .insertInto('gateway_batch')
    .values({
      id: newId('modelBatch'),
      tenant_id: ctx.tenant,
      key_id: key,
      wire,
      endpoint,
      name: name === null ? null : storable(name),
      file_id: file,
      metadata: metadata === null ? null : JSON.stringify(storable(metadata)),
      along: JSON.stringify(along),
      state: total === undefined ? 'reading' : 'running',
      running_at: total === undefined ? null : new Date(now),
      total: total ?? 0,
      asked_by: ctx.actor.id,
      asked_by_kind: ctx.actor.kind,
      asked_by_name: ctx.actor.name ?? null,
      expires_at: new Date(now + window),
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  await append(tx, { ...ctx, correlation: row.id }, [modelBatchRequested(row.id, { endpoint, total: total ?? 0 })], 0)
  return row
}

const visible = (tx: Pick<Tx, 'selectFrom'>, { tenant, key, models }: FileOwner) => {
  const query = tx.selectFrom('gateway_batch').selectAll().where('tenant_id', '=', tenant)
  return models === null ? query : query.where('key_id', '=', key)
}

/** A batch on a wire, as who asks there may see it. */
export async function findBatchOf(
  db: Databases,
  owner: FileOwner,
  wire: ModelBatchRow['wire'],
  id: string,
): Promise<ModelBatchRow | null> {
  return (
    (await visible(asTenant(db, owner), owner).where('wire', '=', wire).where('id', '=', id).executeTakeFirst()) ?? null
  )
}

export type BatchesAsked = { after?: string | undefined; before?: string | undefined; limit: number }

/** Batches of a wire, newest first, one more than `limit` where there are more. */
export async function listBatchesOf(
  db: Databases,
  owner: FileOwner,
  wire: ModelBatchRow['wire'],
  { after, before, limit }: BatchesAsked,
): Promise<ModelBatchRow[]> {
  let query = visible(asTenant(db, owner), owner).where('wire', '=', wire)
  if (after !== undefined) query = query.where('id', '<', after)
  if (before !== undefined) query = query.where('id', '>', before)
  const rows = await query
    .orderBy('id', before === undefined ? 'desc' : 'asc')
    .limit(limit + 1)
    .execute()
  return rows
}

export const findModelBatch = async (tx: Tx, { tenant }: Tenant, id: string): Promise<ModelBatchRow> => {
  const row = await visible(tx, { tenant, key: null, models: null }).where('id', '=', storable(id)).executeTakeFirst()
  if (row === undefined) throw new Fault('not_found')
  return row
}

const takeBatch = (tx: Tx, { tenant }: Tenant, id: string): Promise<ModelBatchRow | undefined> =>
  visible(tx, { tenant, key: null, models: null }).where('id', '=', id).forUpdate().executeTakeFirst()

/** The lines are read: it runs, or has failed for what is wrong with them. */
export async function openBatch(
  tx: Tx,
  row: ModelBatchRow,
  total: number,
  problems: readonly LineProblem[],
): Promise<void> {
  if (problems.length > 0) return close(tx, row, 'failed', problems)
  await tx.updateTable('gateway_batch').set({ running_at: new Date(), total }).where('id', '=', row.id).execute()
  // somebody may have cancelled it meanwhile
  await tx
    .updateTable('gateway_batch')
    .set({ state: 'running' })
    .where('id', '=', row.id)
    .where('state', '=', 'reading')
    .execute()
}

/** What a batch is closed as where nothing is left to do, or null while something is. */
export const settleBatch = (db: Databases, { tenant }: Tenant, id: string): Promise<ModelBatchState | null> =>
  withTenant(db, { tenant }, async (tx) => {
    const row = await takeBatch(tx, { tenant }, id)
    if (row === undefined) return 'cancelled'
    if (row.closed_at !== null) return row.state
    const cancelled = row.state === 'cancelling'
    const expired = row.expires_at.getTime() <= Date.now()
    const of = { tenant, batch: id, wire: row.wire }
    if (cancelled || expired) {
      const state = cancelled ? 'canceled' : 'expired'
      const given = await giveUp(tx, of, state)
      await tx
        .updateTable('gateway_batch')
        .set({ [state]: given })
        .where('id', '=', id)
        .execute()
      await close(tx, row, cancelled ? 'cancelled' : 'expired')
      return cancelled ? 'cancelled' : 'expired'
    }
    if (row.state === 'reading' || row.succeeded + row.errored < row.total) return null
    await close(tx, row, 'completed')
    return 'completed'
  })

async function close(
  tx: Tx,
  row: ModelBatchRow,
  state: 'completed' | 'failed' | 'expired' | 'cancelled',
  problems: readonly LineProblem[] = [],
): Promise<void> {
  const { id, tenant_id: tenant, wire } = row
  const [output, errors] =
    wire === 'chat'
      ? [await makeOutput(tx, row, 'batch_output'), await makeOutput(tx, row, 'batch_errors')]
      : [null, null]
  const { succeeded, errored } = await tx
    .updateTable('gateway_batch')
    .set({
      state,
      closed_at: new Date(),
      output_file: output,
      error_file: errors,
      problems: problems.length === 0 ? null : JSON.stringify(storable(problems)),
    })
    .where('tenant_id', '=', tenant)
    .where('id', '=', id)
    .returning(['succeeded', 'errored'])
    .executeTakeFirstOrThrow()
  await append(tx, onBehalf(row), [modelBatchClosed(id, { state, succeeded, errored })])
}

/** A file of what a batch has come to, whose lines are those of the batch; null where there are none. */
async function makeOutput(
  tx: Tx,
  row: ModelBatchRow,
  purpose: 'batch_output' | 'batch_errors',
): Promise<string | null> {
  const { lines, bytes } = await sizeOf(tx, row.id, purpose === 'batch_errors')
  if (lines === 0) return null
  const id = newId('modelFile')
  await tx
    .insertInto('gateway_file')
    .values({
      id,
      tenant_id: row.tenant_id,
      key_id: row.key_id,
      name: `${row.id}_${purpose === 'batch_output' ? 'output' : 'error'}.jsonl`,
      purpose,
      bytes,
      ready: true,
      batch_id: row.id,
      expires_at: new Date(Date.now() + filesLast),
    })
    .execute()
  return id
}

/** Ends a batch: what is asked already is answered, the rest is not asked. Gives null where it has ended already. */
export async function cancelBatch(tx: Tx, ctx: Tenant, id: string): Promise<ModelBatchRow | null> {
  const row = await tx
    .updateTable('gateway_batch')
    .set({ state: 'cancelling', cancelling_at: new Date() })
    .where('tenant_id', '=', ctx.tenant)
    .where('id', '=', id)
    .where('state', 'in', ['reading', 'running'])
    .returningAll()
    .executeTakeFirst()
  return row ?? null
}

/** Whether a batch that has ended was there to be deleted. */
export async function deleteBatch(db: Databases, tenant: string, id: string): Promise<boolean> {
  const gone = await asTenant(db, { tenant })
    .deleteFrom('gateway_batch')
    .where('tenant_id', '=', tenant)
    .where('id', '=', id)
    .where('closed_at', 'is not', null)
    .returning('id')
    .execute()
  return gone.length > 0
}

/** Whether others of a tenant ask models at present: somebody began to in the last seconds. */
export async function othersAsk(db: Databases, tenant: string, firstId: string): Promise<boolean> {
  const row = await asTenant(db, { tenant })
    .selectFrom('gateway_request')
    .select('id')
    .where('tenant_id', '=', tenant)
    .where('id', '>', firstId)
    .where('batch_id', 'is', null)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** Forgets batches that have long ended, with their lines. Gives how many. */
export async function forgetModelBatches(tx: Tx, before: Date, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from gateway_batch where ctid = any (array(
      select ctid from gateway_batch where closed_at < ${before} limit ${Math.min(limit, 20)}))`.execute(tx)
  return Number(numAffectedRows)
}
