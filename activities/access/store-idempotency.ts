import type { Tx } from '#activities/database.ts'
import type { Context } from '#schemas/tenancy.ts'

export type KeptAnswer = { hash: Buffer; status: number | null; reply: Buffer | null }

/** A claim whose request never answered is free again after this long: its process died. */
const claimSeconds = 60

/** Takes the key for this request (null), or gives what is known of the request that has it. */
export async function claimKey(
  tx: Tx,
  ctx: Context,
  key: string,
  route: string,
  hash: Buffer,
): Promise<KeptAnswer | null> {
  const stale = new Date(Date.now() - claimSeconds * 1000)
  await tx
    .deleteFrom('idempotency')
    .where('tenant_id', '=', ctx.tenant)
    .where('key', '=', key)
    .where('status', 'is', null)
    .where('created_at', '<', stale)
    .execute()
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('idempotency')
    .values({ tenant_id: ctx.tenant, key, route, request_hash: hash, status: null, reply: null })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  if ((numInsertedOrUpdatedRows ?? 0n) > 0n) return null
  const row = await tx
    .selectFrom('idempotency')
    .select(['request_hash', 'status', 'reply'])
    .where('tenant_id', '=', ctx.tenant)
    .where('key', '=', key)
    .executeTakeFirstOrThrow()
  return { hash: row.request_hash, status: row.status, reply: row.reply }
}

export async function keepAnswer(
  tx: Tx,
  ctx: Context,
  key: string,
  answer: { status: number; reply: Buffer },
): Promise<void> {
  await tx
    .updateTable('idempotency')
    .set({ status: answer.status, reply: answer.reply })
    .where('tenant_id', '=', ctx.tenant)
    .where('key', '=', key)
    .execute()
}

export async function releaseKey(tx: Tx, ctx: Context, key: string): Promise<void> {
  await tx
    .deleteFrom('idempotency')
    .where('tenant_id', '=', ctx.tenant)
    .where('key', '=', key)
    .where('status', 'is', null)
    .execute()
}
