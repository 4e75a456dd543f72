import { sql, type Kysely } from 'kysely'
import { announceAs } from './row-security.ts'

export async function up(db: Kysely<never>): Promise<void> {
  // lists say of a run at work that somebody holds it back
  await sql`alter table run add column paused boolean not null default false`.execute(db)
  // who looks at the list of batches sees what becomes of their runs
  await announceAs(
    db,
    'run',
    `select 'runs' union all select 'run:' || c.id union all select 'receipts' where c.receipt_id is not null
      union all select 'batches' where c.batch_id is not null
      union all select 'batch:' || c.batch_id where c.batch_id is not null
      union all select 'run:' || c.rerun_of where c.rerun_of is not null`,
  )
}
