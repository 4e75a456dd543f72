import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { sql, type Selectable } from 'kysely'
import { append } from '#activities/audit/store.ts'
import { storable, withSystem, type Databases, type Tx } from '#activities/database.ts'
import type { Seal } from '#activities/seal.ts'
import { Fault } from '#schemas/errors.ts'
import { bodiesDeleted, bodiesOpened, type Bodies, type RecordedBody } from '#schemas/gateway/bodies.ts'
import type { Operation } from '#schemas/gateway/kinds/kind.ts'
import type { GatewayBodyTable } from '#schemas/tables/gateway-recording.ts'
import type { Context } from '#schemas/tenancy.ts'
import { turnsOf } from './conversation.ts'
import { deleteSaid } from './store-samples.ts'
import { mostKept, type KeptBody, type Recorded } from './relay/recorder.ts'

type Side = GatewayBodyTable['side']
type Row = Selectable<GatewayBodyTable>

const day = 86_400_000
const pack = promisify(gzip)
const unpack = promisify(gunzip)
const about = (tenant: string, request: string, side: Side): string => `gateway_body ${tenant} ${request} ${side}`

/** Writes down bodies of requests, each packed, then sealed for its tenant, its request and its side. */
export const createBodies =
  (db: Databases, seal: Seal) =>
  async (recorded: readonly Recorded[]): Promise<void> => {
    const rows = await Promise.all(
      recorded.flatMap((one) => [
        sealedRow(seal, one, 'asked', one.asked),
        sealedRow(seal, one, 'answer', one.answer()),
      ]),
    )
    await withSystem(db, (tx) =>
      tx
        .insertInto('gateway_body')
        .values(rows)
        .onConflict((on) => on.columns(['request_id', 'side']).doNothing())
        .execute(),
    )
  }

const sealedRow = async (seal: Seal, one: Recorded, side: Side, { kept, type, ...body }: KeptBody) => ({
  ...body,
  request_id: one.id,
  side,
  tenant_id: one.tenant,
  at: new Date(one.at),
  expires_at: new Date(one.at + one.days * day),
  operation: one.operation,
  type: storable(type).slice(0, 200),
  bytes: String(body.bytes),
  sealed: kept === null ? null : seal.close(await pack(kept), about(one.tenant, one.id, side)),
  deleted_at: null,
})

/** Those of a tenant whose time is not over: the days that are set now count for what is kept already, where they are fewer. */
const living = (tx: Tx, { tenant }: Pick<Context, 'tenant'>, request: string) =>
  tx
    .selectFrom('gateway_body as b')
    .innerJoin('gateway_recording as r', 'r.tenant_id', 'b.tenant_id')
    .selectAll('b')
    .select(sql<Date>`least(b.expires_at, b.at + r.days * interval '1 day')`.as('until'))
    .where('b.tenant_id', '=', tenant)
    .where('b.request_id', '=', storable(request))
    .where(sql<boolean>`least(b.expires_at, b.at + r.days * interval '1 day') > now()`)

/** What was recorded of a request, which is written down as read by who asks. */
export async function readBodies(tx: Tx, ctx: Context, seal: Seal, request: string): Promise<Bodies> {
  const rows = await living(tx, ctx, request).where('b.deleted_at', 'is', null).execute()
  const [asked, answer] = [rows.find(({ side }) => side === 'asked'), rows.find(({ side }) => side === 'answer')]
  if (asked === undefined || answer === undefined)
    throw new Fault('not_found', 'Nothing is recorded of this request, or not any more.')
  await append(tx, ctx, [bodiesOpened(request, {})])
  return {
    modelRequest: request,
    operation: asked.operation,
    asked: await toBody(seal, asked),
    answer: await toBody(seal, answer),
    until: asked.until.toISOString(),
  }
}

/** What a request asked and of what kind it is, to be asked again; `not_possible` where not all of it was kept. */
export async function readAskedWhole(
  tx: Tx,
  ctx: Context,
  seal: Seal,
  request: string,
): Promise<{ operation: Operation; text: string }> {
  const row = await living(tx, ctx, request)
    .where('b.side', '=', 'asked')
    .where('b.deleted_at', 'is', null)
    .executeTakeFirst()
  if (row === undefined) throw new Fault('not_found', 'Nothing is recorded of this request, or not any more.')
  const { text, whole, type } = await toBody(seal, row)
  if (text === null || !whole || !type.startsWith('application/json'))
    throw new Fault('not_possible', 'Not all of what this request asked was kept, so it cannot be sent again.')
  return { operation: row.operation as Operation, text }
}

const toBody = async (seal: Seal, row: Row): Promise<RecordedBody> => {
  const { side, type, whole, gathered, withheld, sealed, tenant_id: tenant, request_id: request } = row
  const packed = sealed === null ? null : seal.openBytes(sealed, about(tenant, request, side))
  const text = packed === null ? null : (await unpack(packed, { maxOutputLength: 2 * mostKept })).toString()
  const turns = text === null ? null : turnsOf(row.operation, side, text)
  return { type, bytes: Number(row.bytes), whole, gathered, withheld, text, turns }
}

/** Deletes what was recorded of a request, of which its row stays; again changes nothing. */
export async function deleteBodies(tx: Tx, ctx: Context, request: string): Promise<void> {
  const rows = await living(tx, ctx, request).execute()
  if (rows.length === 0) throw new Fault('not_found', 'Nothing is recorded of this request, or not any more.')
  await deleteSaid(tx, ctx, request)
  const gone = await tx
    .updateTable('gateway_body')
    .set({ sealed: null, deleted_at: new Date() })
    .where('tenant_id', '=', ctx.tenant)
    .where('request_id', '=', request)
    .where('deleted_at', 'is', null)
    .returning('side')
    .execute()
  if (gone.length > 0) await append(tx, ctx, [bodiesDeleted(request, {})])
}

/** Forgets bodies that have had their time. Gives how many rows. */
export async function forgetBodies(tx: Tx, now: Date, limit: number): Promise<number> {
  const over = await sql`
    delete from gateway_body where ctid = any (array(
      select ctid from gateway_body where expires_at <= ${now} limit ${limit}))`.execute(tx)
  // where somebody has said fewer days since
  const sooner = await sql`
    delete from gateway_body where ctid = any (array(
      select b.ctid from gateway_recording r
      join gateway_body b on b.tenant_id = r.tenant_id and b.at <= ${now}::timestamptz - r.days * interval '1 day'
      limit ${limit}))`.execute(tx)
  return Number((over.numAffectedRows ?? 0n) + (sooner.numAffectedRows ?? 0n))
}
