import { sql, type Kysely } from 'kysely'
import { dbRoles } from './row-security.ts'

export async function up(db: Kysely<never>): Promise<void> {
  // Heartbeats of the platform's own processes: no tenant's data, so every role may read them.
  await sql`
    create table process (
      id text collate "C" primary key,
      name text collate "C" not null,
      host text not null,
      pid integer not null,
      started_at timestamptz not null default now(),
      seen_at timestamptz not null default now(),
      figures jsonb not null default '{}'
    )`.execute(db)
  // the sweep forgets processes that have long been silent
  await sql`create index process_seen on process (seen_at)`.execute(db)
  await sql`alter table process enable row level security`.execute(db)
  await sql`alter table process force row level security`.execute(db)
  await sql`create policy everyone on process for select to ${sql.raw(dbRoles.app)} using (true)`.execute(db)
  await sql`create policy platform on process to ${sql.raw(dbRoles.system)} using (true) with check (true)`.execute(db)
  await sql`grant select on process to ${sql.raw(dbRoles.app)}`.execute(db)
  await sql`grant select, insert, update, delete on process to ${sql.raw(dbRoles.system)}`.execute(db)
}
