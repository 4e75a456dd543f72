import { sql } from 'kysely'
import { withSystem, type Databases } from '#activities/database.ts'
import type { PayloadStore } from '#temporal/large-payloads.ts'

/** Payloads too large for a history, beside the run that they are of; they go when it is forgotten. */
export const payloadStore = (db: Databases): PayloadStore => ({
  keep: (run, payloads) =>
    withSystem(db, async (tx) => {
      for (const { hash, body } of payloads) {
        const { numAffectedRows } = await sql`
          insert into run_payload (tenant_id, run_id, hash, body)
          select tenant_id, id, ${hash}::text, ${Buffer.from(body)}::bytea from run where id = ${run}
          on conflict (run_id, hash) do update set hash = excluded.hash`.execute(tx)
        if (numAffectedRows !== 1n) throw new Error(`There is no run ${run} to keep a payload of.`)
      }
    }),
  find: (wanted) =>
    withSystem(db, async (tx) => {
      const rows = await tx
        .selectFrom('run_payload')
        .select(['run_id', 'hash', 'body'])
        .where((e) =>
          e(
            e.refTuple('run_id', 'hash'),
            'in',
            wanted.map(({ run, hash }) => e.tuple(run, hash)),
          ),
        )
        .execute()
      const byKey = new Map(rows.map((row) => [`${row.run_id} ${row.hash}`, row.body]))
      return wanted.map(({ run, hash }) => byKey.get(`${run} ${hash}`) ?? null)
    }),
})
