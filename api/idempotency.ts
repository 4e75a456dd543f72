import { createHmac } from 'node:crypto'
import type { Context as HonoContext } from 'hono'
import { claimKey, keepAnswer, releaseKey } from '#activities/access/store-idempotency.ts'
import { asTenant, withTenant, type Databases, type Db, type Tx } from '#activities/database.ts'
import { Fault } from '#schemas/errors.ts'
import type { Context } from '#schemas/tenancy.ts'
import type { ApiDeps, ApiEnv } from './deps.ts'

type Answer = { status: number; reply: unknown }

/** Keeps the answer in the transaction that makes it so: both are there, or neither. Gives the reply. */
export type Keep = <T>(tx: Tx, reply: T) => Promise<T>

const keepNothing: Keep = async (_tx, reply) => reply

/** Does `work`, a single statement, and keeps its answer with it; with nothing to keep it takes one trip. */
export const createAndKeep = <T>(db: Databases, ctx: Context, keep: Keep, work: (tx: Db) => Promise<T>): Promise<T> =>
  keep === keepNothing ? work(asTenant(db, ctx)) : withTenant(db, ctx, async (tx) => keep(tx, await work(tx)))

/**
 * Answers a creating request once per `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header-07): the same
 * request again gets the first answer, another request under the key is 422, one still in work 409. `work` keeps its
 * answer in its own transaction, so whatever dies in between, the same request again does not do it twice.
 */
export async function answerOnce(
  { db, seal, log, keys }: ApiDeps,
  ctx: Context,
  { route, status, body }: { route: string; status: number; body: unknown },
  c: HonoContext<ApiEnv>,
  work: (keep: Keep) => Promise<unknown>,
): Promise<Answer> {
  const header = c.req.header('idempotency-key')
  if (header === undefined) return { status, reply: await work(keepNothing) }
  if (!/^[\x21-\x7e]{1,200}$/.test(header))
    throw new Fault('bad_request', 'Idempotency-Key: 1 to 200 visible characters.')
  const key = `${ctx.actor.id} ${header}`
  const claim = { key, at: new Date() }
  // with a key of ours: a body may hold a secret, and whoever reads the hash must not be able to try passwords on it
  const hashWith = (own: string) =>
    createHmac('sha256', Buffer.from(own, 'base64'))
      .update(`${route}\n${c.req.path}\n${JSON.stringify(body)}`)
      .digest()
  const before = await withTenant(db, ctx, (tx) => claimKey(tx, ctx, claim, route, hashWith(keys[0])))
  if (before !== null) {
    if (!keys.some((own) => before.hash.equals(hashWith(own)))) throw new Fault('idempotency_mismatch')
    if (before.status === null || before.reply === null)
      throw new Fault('conflict', 'The first request with this Idempotency-Key is still in work.')
    c.header('Idempotency-Replayed', 'true')
    return { status: before.status, reply: JSON.parse(seal.open(before.reply, key)) }
  }
  let kept: string | undefined
  const write = (tx: Tx, reply: string) => keepAnswer(tx, ctx, claim, { status, reply: seal.close(reply, key) })
  try {
    const reply = await work(async (tx, first) => {
      kept = JSON.stringify(first)
      if (!(await write(tx, kept))) throw new Fault('conflict', 'A later request with this Idempotency-Key was faster.')
      return first
    })
    if (kept === undefined) throw new Error(`${route} does not keep its answer in its transaction`)
    const last = JSON.stringify(reply)
    // what was kept stands; that it has moved on since is a comfort
    if (last !== kept)
      await withTenant(db, ctx, (tx) => write(tx, last)).catch((error: unknown) =>
        log.warn('an answer was kept as it was before', { route, error }),
      )
    return { status, reply }
  } catch (error) {
    await withTenant(db, ctx, (tx) => releaseKey(tx, ctx, claim)).catch(() => {})
    throw error
  }
}
