import type { Tx } from '#activities/database.ts'

/**
 * Deletes sessions and sign-in links that have run out (system role), `limit` of each at the most; gives how many.
 * That there were some stays in the event log.
 */
export async function forgetRunOut(tx: Tx, before: Date, limit: number): Promise<number> {
  const tables = ['session', 'sign_in_link'] as const
  let count = 0
  for (const table of tables) {
    const over = tx
      .selectFrom(table)
      .select('id')
      .where('expires_at', '<', before)
      .limit(limit)
      .forUpdate()
      .skipLocked()
    const { numDeletedRows } = await tx.deleteFrom(table).where('id', 'in', over).executeTakeFirst()
    count += Number(numDeletedRows)
  }
  return count
}
