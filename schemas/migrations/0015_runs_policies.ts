import { sql, type Kysely } from 'kysely'
import { dbRoles, protect } from './row-security.ts'

export async function up(db: Kysely<never>): Promise<void> {
  // runs that share a gate are let through it by a policy; the rest pass by
  await sql`
    alter table run_request
      add column gate text collate "C",
      add column gate_policy text collate "C",
      add column gate_limit integer not null default 1,
      add column admitted_at timestamptz,
      add column stop_at timestamptz,
      add constraint gate_is_whole check ((gate is null) = (gate_policy is null))`.execute(db)
  // who waits at a gate, and who is through it
  await sql`create index run_request_gate on run_request (tenant_id, gate, run_id) where gate is not null`.execute(db)
  await sql`create index run_request_held on run_request (run_id) where gate is not null and admitted_at is null and refused is null`.execute(
    db,
  )
  // runs that a newer one has taken the place of, until Temporal has been told
  await sql`create index run_request_to_stop on run_request (stop_at) where stop_at is not null`.execute(db)

  await sql`
    alter table run
      add column waits_for text,
      add column retention_days integer,
      add column follows text collate "C"`.execute(db)
  // closed runs that have had their time
  await sql`create index run_kept_until on run (closed_at) where retention_days is not null and closed_at is not null`.execute(
    db,
  )
  for (const table of ['run', 'run_request', 'step', 'step_attempt', 'run_history', 'approval', 'arrival_wait'])
    await sql`grant delete on ${sql.table(table)} to ${sql.raw(dbRoles.system)}`.execute(db)

  // payloads that are too large for a history, as Temporal would have been given them
  await sql`
    create table run_payload (
      tenant_id text collate "C" not null,
      run_id text collate "C" not null references run,
      hash text collate "C" not null,
      body bytea not null,
      kept_at timestamptz not null default now(),
      primary key (run_id, hash)
    )`.execute(db)
  await sql`alter table run_payload alter column body set storage external`.execute(db)
  await protect(db, 'run_payload', { app: [], system: ['select', 'insert', 'update', 'delete'] })

  // what a step gave once, for as long as its automation says
  await sql`
    create table step_cache (
      tenant_id text collate "C" not null,
      automation_id text collate "C" not null,
      node text collate "C" not null,
      key text collate "C" not null,
      output jsonb not null,
      made_by_run text collate "C" not null,
      expires_at timestamptz not null,
      primary key (tenant_id, automation_id, node, key)
    )`.execute(db)
  // those that have had their time
  await sql`create index step_cache_oldest on step_cache (expires_at)`.execute(db)
  await protect(db, 'step_cache', {
    app: ['select', 'insert', 'update'],
    system: ['select', 'update', 'delete'],
  })
}
