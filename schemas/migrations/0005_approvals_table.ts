import { sql, type Kysely } from 'kysely'
import { announce, protect, stampChanges } from './row-security.ts'

export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table approval (
      id text collate "C" primary key,
      tenant_id text collate "C" not null,
      run_id text collate "C" not null references run,
      title text not null,
      state text collate "C" not null check (state in ('open', 'approved', 'rejected', 'withdrawn')),
      text text not null,
      context jsonb not null,
      author text not null,
      sandbox boolean not null,
      opened_at timestamptz not null default now(),
      remind_at timestamptz,
      reminded_at timestamptz,
      due_at timestamptz not null,
      escalated_at timestamptz,
      decided_at timestamptz,
      decided_by text collate "C",
      decided_by_name text,
      note text,
      changed xid8 not null default pg_current_xact_id()
    )`.execute(db)
  // the work list: what is open, soonest due first
  await sql`create index approval_open on approval (tenant_id, due_at, id) where state = 'open'`.execute(db)
  // the approvals of a run, and the list of the decided ones
  await sql`create index approval_newest on approval (tenant_id, id desc)`.execute(db)
  await sql`create index approval_of_run on approval (run_id)`.execute(db)
  // the live feed asks for all changed since its snapshot
  await sql`create index approval_changed on approval (tenant_id, changed)`.execute(db)
  await protect(db, 'approval', { app: ['select', 'insert', 'update'] })
  await stampChanges(db, 'approval')
  await announce(db, 'approval', `select 'approvals'`)
}
