import { sql, type Kysely } from 'kysely'
import { announce, announceAs, stampChanges } from './row-security.ts'

export async function up(db: Kysely<never>): Promise<void> {
  // why somebody asked for a batch, and what of it changed since somebody looked
  await sql`
    alter table run_batch
      add column note text,
      add column changed xid8 not null default pg_current_xact_id()`.execute(db)
  await stampChanges(db, 'run_batch')
  await announce(db, 'run_batch', `select 'batches' union all select 'batch:' || c.id`)
  await sql`alter table run_batch_item add column changed xid8 not null default pg_current_xact_id()`.execute(db)
  await sql`create index run_batch_item_changed on run_batch_item (batch_id, changed)`.execute(db)
  // why those were refused that were
  await sql`create index run_batch_item_refused on run_batch_item (batch_id) where refused is not null`.execute(db)

  // the batch that a run was made by
  await sql`alter table run add column batch_id text collate "C"`.execute(db)
  await sql`create index run_of_batch on run (batch_id, changed) include (state) where batch_id is not null`.execute(db)
  // who looks at a batch, or at a run that was run again, sees how the new runs get on
  await announceAs(
    db,
    'run',
    `select 'runs' union all select 'run:' || c.id union all select 'receipts' where c.receipt_id is not null
      union all select 'batch:' || c.batch_id where c.batch_id is not null
      union all select 'run:' || c.rerun_of where c.rerun_of is not null`,
  )
}
