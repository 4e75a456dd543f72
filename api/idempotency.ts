import { createHash } from 'node:crypto'
import type { Context as HonoContext } from 'hono'
import { claimKey, keepAnswer, releaseKey } from '#activities/access/store-idempotency.ts'
import { withTenant } from '#activities/database.ts'
import { Fault } from '#schemas/errors.ts'
import type { Context } from '#schemas/tenancy.ts'
import type { ApiDeps, ApiEnv } from './deps.ts'

type Answer = { status: number; reply: unknown }

/**
 * Answers a creating request once per `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header-07): the same
 * request again gets the first answer, another request under the key is 422, one still in work 409.
 */
export async function answerOnce(
  { db, seal }: ApiDeps,
  ctx: Context,
  route: string,
  c: HonoContext<ApiEnv>,
  body: unknown,
  work: () => Promise<Answer>,
): Promise<Answer> {
  const header = c.req.header('idempotency-key')
  if (header === undefined) return work()
  if (!/^[\x21-\x7e]{1,200}$/.test(header))
    throw new Fault('bad_request', 'Idempotency-Key: 1 to 200 visible characters.')
  const key = `${ctx.actor.id} ${header}`
  const hash = createHash('sha256')
    .update(`${route}\n${c.req.path}\n${JSON.stringify(body)}`)
    .digest()
  const before = await withTenant(db, ctx, (tx) => claimKey(tx, ctx, key, route, hash))
  if (before !== null) {
    if (!before.hash.equals(hash)) throw new Fault('idempotency_mismatch')
    if (before.status === null || before.reply === null)
      throw new Fault('conflict', 'The first request with this Idempotency-Key is still in work.')
    c.header('Idempotency-Replayed', 'true')
    return { status: before.status, reply: JSON.parse(seal.open(before.reply, key)) }
  }
  try {
    const answer = await work()
    await withTenant(db, ctx, (tx) =>
      keepAnswer(tx, ctx, key, { status: answer.status, reply: seal.close(JSON.stringify(answer.reply), key) }),
    )
    return answer
  } catch (error) {
    await withTenant(db, ctx, (tx) => releaseKey(tx, ctx, key)).catch(() => {})
    throw error
  }
}
