import { sql, type Kysely } from 'kysely'
import { protect } from './row-security.ts'

export async function up(db: Kysely<never>): Promise<void> {
  // many runs that are run again, or cancelled, one after the other at a pace
  await sql`
    create table run_batch (
      id text collate "C" primary key,
      tenant_id text collate "C" not null references tenant,
      act text collate "C" not null check (act in ('rerun', 'cancel')),
      filter jsonb not null,
      how jsonb not null,
      per_minute integer not null check (per_minute > 0),
      state text collate "C" not null default 'running' check (state in ('running', 'completed', 'cancelled')),
      total integer not null,
      done integer not null default 0,
      refused integer not null default 0,
      cursor text collate "C" not null default '',
      last_run text collate "C" not null,
      asked_by text collate "C" not null,
      asked_by_kind text collate "C" not null,
      asked_by_name text,
      started_at timestamptz,
      next_at timestamptz not null default now(),
      created_at timestamptz not null default now(),
      closed_at timestamptz
    )`.execute(db)
  // the list, newest first
  await sql`create index run_batch_newest on run_batch (tenant_id, id desc)`.execute(db)
  // those of which Temporal has to be told
  await sql`create index run_batch_waiting on run_batch (next_at) where started_at is null and state = 'running'`.execute(
    db,
  )
  await protect(db, 'run_batch', { app: ['select', 'insert', 'update'] })

  // what became of each run of a batch
  await sql`
    create table run_batch_item (
      batch_id text collate "C" not null references run_batch on delete cascade,
      run_id text collate "C" not null,
      tenant_id text collate "C" not null,
      new_run text collate "C",
      refused text,
      primary key (batch_id, run_id)
    )`.execute(db)
  await protect(db, 'run_batch_item', { app: ['select', 'insert'] })

  // whether a run was run again already
  await sql`create index run_of_rerun on run (rerun_of) where rerun_of is not null`.execute(db)
}
