import { sql, type Selectable } from 'kysely'
import { withSystem, type Databases } from '#activities/database.ts'
import type { Database } from '#schemas/tables/index.ts'

/** Work that a workflow of its own does, by the table in which it waits until Temporal is told; and when it is still to be done. */
const open = {
  run_batch: "state = 'running'",
  steering_replay: "state = 'running'",
  gateway_batch: 'closed_at is null',
  gateway_classifier: "state = 'training'",
  gateway_quality_run: 'closed_at is null',
} as const
export type Untold = keyof typeof open

/** Work that Temporal has not been told of; a claim is a lease. */
export const claimUntold = <T extends Untold>(
  db: Databases,
  table: T,
  limit = 10,
): Promise<Selectable<Database[T]>[]> =>
  withSystem(db, async (tx) => {
    const { rows } = await sql<Selectable<Database[T]>>`
      update ${sql.table(table)} w set next_at = now() + interval '5 seconds'
      from (
        select id from ${sql.table(table)} where started_at is null and ${sql.raw(open[table])} and next_at <= now()
        order by next_at limit ${limit} for update skip locked
      ) due
      where w.id = due.id
      returning w.*`.execute(tx)
    return rows
  })

export const markTold = (db: Databases, table: Untold, id: string): Promise<void> =>
  withSystem(db, async (tx) => {
    await sql`update ${sql.table(table)} set started_at = now() where id = ${id}`.execute(tx)
  })
