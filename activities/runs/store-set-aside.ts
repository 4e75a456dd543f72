import { sql } from 'kysely'
import { storable, type Tx } from '#activities/database.ts'
import type { SetAside } from '#schemas/system.ts'
import type { Context } from '#schemas/tenancy.ts'

/** The first rest of a run that could not be projected, and the longest, in s; it doubles from try to try. */
const rest = { first: 15, longest: 900 } as const

/** Sets a run aside with what was wrong (system role), or lets it rest longer; gives how often it was tried. */
export async function setAside(tx: Tx, run: { id: string; tenant: string }, fault: string): Promise<number> {
  const error = storable(fault.slice(0, 500))
  const until = (tries: unknown) =>
    sql<Date>`now() + least(${rest.first} * 2 ^ least(${tries}, 20), ${rest.longest}) * interval '1 second'`
  const { tries } = await tx
    .insertInto('run_set_aside')
    .values({ run_id: run.id, tenant_id: run.tenant, error, next_at: until(0) })
    .onConflict((conflict) =>
      conflict.column('run_id').doUpdateSet({
        error,
        tries: sql`run_set_aside.tries + 1`,
        next_at: until(sql.ref('run_set_aside.tries')),
      }),
    )
    .returning('tries')
    .executeTakeFirstOrThrow()
  return tries
}

/** The run can be projected after all. */
export async function takeBack(tx: Tx, run: string): Promise<void> {
  await tx.deleteFrom('run_set_aside').where('run_id', '=', run).execute()
}

/** Whether a run is set aside and its rest is not over. */
export async function isResting(tx: Tx, run: string): Promise<boolean> {
  const found = await tx
    .selectFrom('run_set_aside')
    .select('run_id')
    .where('run_id', '=', run)
    .where('next_at', '>', sql<Date>`now()`)
    .executeTakeFirst()
  return found !== undefined
}

/** The runs of a tenant that are set aside, the longest first, 50 at the most. */
export async function listSetAside(tx: Tx, ctx: Context): Promise<SetAside[]> {
  const rows = await tx
    .selectFrom('run_set_aside')
    .selectAll()
    .where('tenant_id', '=', ctx.tenant)
    .orderBy('since')
    .limit(50)
    .execute()
  return rows.map((row) => ({
    run: row.run_id,
    error: row.error,
    tries: row.tries,
    since: row.since.toISOString(),
    nextAt: row.next_at.toISOString(),
  }))
}
