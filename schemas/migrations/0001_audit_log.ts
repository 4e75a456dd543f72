import { sql, type Kysely } from 'kysely'
import { protect } from './row-security.ts'

export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create function stamp_change() returns trigger language plpgsql as $$
    begin new.changed := pg_current_xact_id(); return new; end $$`.execute(db)

  // Readers follow (xid, position) and stop below the oldest running transaction: `position` alone is drawn before
  // commit, so a slow writer would slip an event in behind a reader that has already gone past.
  await sql`
    create table event (
      xid xid8 not null default pg_current_xact_id(),
      position bigint not null generated always as identity,
      id text collate "C" not null primary key,
      tenant_id text collate "C" not null,
      stream_type text collate "C" not null,
      stream text collate "C" not null,
      version integer not null check (version > 0),
      type text collate "C" not null,
      schema_version integer not null,
      actor_kind text collate "C" not null,
      actor_id text collate "C" not null,
      actor_name text,
      correlation text collate "C",
      causation text collate "C",
      at timestamptz not null default clock_timestamp(),
      data jsonb not null,
      unique (tenant_id, stream, version)
    )`.execute(db)
  // the tail: relay, feed and projections read everything in commit-safe order
  await sql`create index event_tail on event (xid, position)`.execute(db)
  // the audit page: newest first within a tenant
  await sql`create index event_newest on event (tenant_id, position desc)`.execute(db)
  await protect(db, 'event', { app: ['select', 'insert'] })
}
