import type { Tx } from '#activities/database.ts'
import type { Context } from '#schemas/tenancy.ts'

export type KeptAnswer = { hash: Buffer; status: number | null; reply: Buffer | null }

/** A claim whose request never answered is free again after this long: its process died. */
const claimSeconds = 60

/** One request's hold on a key; a later request that takes the key over has another `at`. */
export type Claim = { key: string; at: Date }

/** Takes the key for this request (null), or gives what is known of the request that has it. */
export async function claimKey(
  tx: Tx,
  ctx: Context,
  { key, at }: Claim,
  route: string,
  hash: Buffer,
): Promise<KeptAnswer | null> {
  const stale = new Date(at.getTime() - claimSeconds * 1000)
  await tx
    .deleteFrom('idempotency')
    .where('tenant_id', '=', ctx.tenant)
    .where('key', '=', key)
    .where('status', 'is', null)
    .where('created_at', '<', stale)
    .execute()
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('idempotency')
    .values({ tenant_id: ctx.tenant, key, route, request_hash: hash, status: null, reply: null, created_at: at })
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

/** Keeps the answer; false when another request has taken the key over, and this one must not go on. */
export async function keepAnswer(
  tx: Tx,
  ctx: Context,
  { key, at }: Claim,
  answer: { status: number; reply: Buffer },
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('idempotency')
    .set({ status: answer.status, reply: answer.reply })
    .where('tenant_id', '=', ctx.tenant)
    .where('key', '=', key)
    .where('created_at', '=', at)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Gives a key back that nothing was done under. */
export async function releaseKey(tx: Tx, ctx: Context, { key, at }: Claim): Promise<void> {
  await tx
    .deleteFrom('idempotency')
    .where('tenant_id', '=', ctx.tenant)
    .where('key', '=', key)
    .where('created_at', '=', at)
    .where('status', 'is', null)
    .execute()
}

/** Deletes answers and claims from before then (system role), `limit` at the most; gives how many. */
export async function forgetAnswers(tx: Tx, before: Date, limit: number): Promise<number> {
  const { numDeletedRows } = await tx
    .deleteFrom('idempotency')
    .where((e) =>
      e(
        e.refTuple('tenant_id', 'key'),
        'in',
        e
          .selectFrom('idempotency')
          .select(['tenant_id', 'key'])
          .where('created_at', '<', before)
          .limit(limit)
          .forUpdate()
          .skipLocked()
          .$asTuple('tenant_id', 'key'),
      ),
    )
    .executeTakeFirst()
  return Number(numDeletedRows)
}
