import { sql } from 'kysely'
import type { Tx } from '#activities/database.ts'
import { Fault } from '#schemas/errors.ts'
import { hashToken } from './token.ts'

/**
 * How many attempts are free, by whom they are counted; the next block for 30 s, 60 s, … up to 15 minutes, and
 * an hour without any forgets them (after OWASP Authentication Cheat Sheet, "Account Lockout").
 */
export const throttle = { free: { email: 5, address: 20 }, firstBlockS: 30, longestBlockS: 900, forgetS: 3600 } as const

type Attempt = { email: string; address: string | null }
type Subject = { key: string; free: number }

// an address always before an e-mail, so that two attempts never wait for each other crosswise
const subjectsOf = ({ email, address }: Attempt): Subject[] => [
  ...(address === null ? [] : [{ key: `address ${address}`, free: throttle.free.address }]),
  // the e-mail may be anybody's, so it is not kept
  { key: `email ${hashToken(email).toString('base64url')}`, free: throttle.free.email },
]

/**
 * Counts an attempt to sign in, before it is looked at: so many at once cannot all slip through (system role, a
 * transaction of its own). A blocked e-mail or address is `too_many_requests` with the seconds to wait.
 */
export async function chargeAttempt(tx: Tx, attempt: Attempt): Promise<void> {
  await forgetOld(tx)
  for (const { key, free } of subjectsOf(attempt)) {
    const before = await lockCounter(tx, key)
    const blockedMs = (before.blocked_until?.getTime() ?? 0) - Date.now()
    if (blockedMs > 0)
      throw new Fault('too_many_requests', undefined, { retryAfterSeconds: Math.ceil(blockedMs / 1000) })
    const failures = before.failures + 1
    const blockS = Math.min(throttle.firstBlockS * 2 ** (failures - free), throttle.longestBlockS)
    await tx
      .updateTable('sign_in_throttle')
      .set({
        failures,
        last_at: new Date(),
        blocked_until: failures < free ? null : new Date(Date.now() + blockS * 1000),
      })
      .where('subject', '=', key)
      .execute()
  }
}

/** The attempt was right after all: the e-mail starts anew, the address gets this one back. */
export async function forgiveAttempt(tx: Tx, attempt: Attempt): Promise<void> {
  for (const { key } of subjectsOf(attempt))
    if (key.startsWith('email')) await tx.deleteFrom('sign_in_throttle').where('subject', '=', key).execute()
    else
      await tx
        .updateTable('sign_in_throttle')
        .set((e) => ({ failures: e.fn<number>('greatest', [e('failures', '-', 1), e.val(0)]), blocked_until: null }))
        .where('subject', '=', key)
        .execute()
}

const lockCounter = (tx: Tx, subject: string) =>
  tx
    .insertInto('sign_in_throttle')
    .values({ subject, failures: 0, blocked_until: null })
    .onConflict((conflict) => conflict.column('subject').doUpdateSet({ subject }))
    .returning(['failures', 'blocked_until'])
    .executeTakeFirstOrThrow()

const forgetOld = (tx: Tx) =>
  tx
    .deleteFrom('sign_in_throttle')
    .where('subject', 'in', (e) =>
      e
        .selectFrom('sign_in_throttle')
        .select('subject')
        .where('last_at', '<', sql<Date>`now() - make_interval(secs => ${throttle.forgetS})`)
        .limit(100)
        .forUpdate()
        .skipLocked(),
    )
    .execute()
