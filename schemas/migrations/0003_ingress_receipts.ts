import { sql, type Kysely } from 'kysely'
import { announce, protect, stampChanges } from './row-security.ts'

export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table source (
      id text collate "C" primary key,
      tenant_id text collate "C" not null references tenant,
      name text collate "C" not null,
      created_at timestamptz not null default now(),
      unique (tenant_id, name)
    )`.execute(db)
  await protect(db, 'source', { app: ['select', 'insert', 'update'] })

  await sql`
    create table source_secret (
      id text collate "C" primary key,
      tenant_id text collate "C" not null references tenant,
      source_id text collate "C" not null references source,
      kind text collate "C" not null check (kind in ('hmac', 'ed25519')),
      sealed bytea not null,
      hint text not null,
      created_at timestamptz not null default now(),
      retires_at timestamptz,
      ended_at timestamptz
    )`.execute(db)
  // each verification loads the living secrets of one source
  await sql`create index source_secret_living on source_secret (source_id) where ended_at is null`.execute(db)
  await protect(db, 'source_secret', { app: ['select', 'insert', 'update'] })

  // Small and kept for ever: the promise that an accepted id never starts a second run.
  await sql`
    create table receipt (
      id text collate "C" primary key,
      tenant_id text collate "C" not null,
      source text collate "C" not null,
      webhook_id text collate "C" not null,
      dedup_key text collate "C" not null,
      body_hash bytea not null,
      bytes integer not null,
      title text not null,
      state text collate "C" not null check (state in ('accepted', 'quarantined', 'discarded')),
      conflicts_with text collate "C",
      deliveries integer not null default 1,
      run_id text collate "C",
      accepted_at timestamptz not null default now(),
      changed xid8 not null default pg_current_xact_id(),
      unique (tenant_id, source, dedup_key)
    )`.execute(db)
  // the list, newest first (ids sort by time)
  await sql`create index receipt_newest on receipt (tenant_id, id desc)`.execute(db)
  // the live feed asks for all changed since its snapshot
  await sql`create index receipt_changed on receipt (tenant_id, changed)`.execute(db)
  // the quarantine, usually empty
  await sql`create index receipt_quarantined on receipt (tenant_id, id desc) where state = 'quarantined'`.execute(db)
  // from a run back to its receipt
  await sql`create index receipt_of_run on receipt (run_id) where run_id is not null`.execute(db)
  await protect(db, 'receipt', { app: ['select', 'insert', 'update'] })
  await stampChanges(db, 'receipt')
  await announce(db, 'receipt', `select 'receipts'`)

  // The body as it came; retention may drop it once its run has closed.
  await sql`
    create table inbox (
      receipt_id text collate "C" primary key,
      tenant_id text collate "C" not null,
      content_type text collate "C" not null,
      body bytea not null,
      traceparent text collate "C",
      accepted_at timestamptz not null default now(),
      held boolean not null default false,
      dispatched_at timestamptz
    )`.execute(db)
  // the dispatcher's queue, oldest first; empty when all is well
  await sql`create index inbox_waiting on inbox (receipt_id) where dispatched_at is null and not held`.execute(db)
  await protect(db, 'inbox', { app: ['select', 'insert', 'update'] })
}
