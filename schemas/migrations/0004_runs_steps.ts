import { sql, type Kysely } from 'kysely'
import { announce, protect, stampChanges } from './row-security.ts'

export async function up(db: Kysely<never>): Promise<void> {
  // What was asked of Temporal. Written first, started second; a sweep finishes what a crash left between.
  await sql`
    create table run_request (
      run_id text collate "C" primary key,
      tenant_id text collate "C" not null,
      workflow text collate "C" not null,
      input jsonb not null,
      receipt_id text collate "C",
      rerun_of text collate "C",
      requested_by text collate "C" not null,
      traceparent text collate "C",
      requested_at timestamptz not null default now(),
      tries integer not null default 0,
      next_at timestamptz not null default now(),
      started_at timestamptz,
      refused text
    )`.execute(db)
  // the dispatcher's queue, empty when all is well
  await sql`create index run_request_waiting on run_request (next_at) where started_at is null and refused is null`.execute(
    db,
  )
  await protect(db, 'run_request', { app: ['select', 'insert', 'update'] })

  await sql`
    create table run (
      id text collate "C" primary key,
      tenant_id text collate "C" not null,
      workflow text collate "C" not null,
      title text not null,
      phase text collate "C" not null check (phase in ('queued', 'running', 'completed', 'failed', 'cancelled')),
      approval_id text collate "C",
      state text collate "C" not null generated always as (
        case when phase = 'running' and approval_id is not null then 'waiting' else phase end
      ) stored,
      outcome text,
      receipt_id text collate "C",
      rerun_of text collate "C",
      sandbox boolean not null default false,
      requested_at timestamptz not null default now(),
      started_at timestamptz,
      closed_at timestamptz,
      failure jsonb,
      temporal_run_id text collate "C",
      last_event_id integer not null default 0,
      projected_at timestamptz,
      search text not null generated always as (lower(id || ' ' || workflow || ' ' || title || ' ' || coalesce(outcome, ''))) stored,
      changed xid8 not null default pg_current_xact_id()
    )`.execute(db)
  // the list, newest first (ids sort by time)
  await sql`create index run_newest on run (tenant_id, id desc)`.execute(db)
  // the list filtered by state, and the counters of the overview
  await sql`create index run_by_state on run (tenant_id, state, id desc)`.execute(db)
  // the live feed asks for all changed since its snapshot
  await sql`create index run_changed on run (tenant_id, changed)`.execute(db)
  // the sweep looks at what is open
  await sql`create index run_open on run (projected_at) where phase in ('queued', 'running')`.execute(db)
  // throughput per minute
  await sql`create index run_closed_at on run (tenant_id, closed_at) where closed_at is not null`.execute(db)
  await protect(db, 'run', { app: ['select', 'insert', 'update'] })
  await stampChanges(db, 'run')
  await announce(
    db,
    'run',
    `select 'runs' union all select 'run:' || c.id union all select 'receipts' where c.receipt_id is not null`,
  )

  // Derived from the history, group by group; `head_event` is the event that opened the group.
  await sql`
    create table step (
      tenant_id text collate "C" not null,
      run_id text collate "C" not null references run,
      head_event integer not null,
      node text collate "C" not null,
      iteration integer not null,
      kind text collate "C" not null,
      type text collate "C" not null,
      title text not null,
      activity_id text collate "C",
      state text collate "C" not null,
      scheduled_at timestamptz not null,
      started_at timestamptz,
      closed_at timestamptz,
      attempts integer not null default 1,
      events integer[] not null,
      summary text,
      preview text,
      failure jsonb,
      changed xid8 not null default pg_current_xact_id(),
      primary key (run_id, head_event)
    )`.execute(db)
  await protect(db, 'step', { app: ['select'], system: ['select', 'insert', 'update', 'delete'] })
  await stampChanges(db, 'step')
  await announce(db, 'step', `select 'run:' || c.run_id`)

  // What history does not tell while an activity runs: each try, as its worker reported it.
  await sql`
    create table step_attempt (
      tenant_id text collate "C" not null,
      run_id text collate "C" not null,
      activity_id text collate "C" not null,
      n integer not null,
      started_at timestamptz not null,
      ended_at timestamptz,
      outcome text collate "C" not null check (outcome in ('running', 'completed', 'failed', 'cancelled')),
      message text,
      progress text,
      worker text,
      changed xid8 not null default pg_current_xact_id(),
      primary key (run_id, activity_id, n)
    )`.execute(db)
  await protect(db, 'step_attempt', { app: ['select'], system: ['select', 'insert', 'update', 'delete'] })
  await stampChanges(db, 'step_attempt')
  await announce(db, 'step_attempt', `select 'run:' || c.run_id`)

  // The whole history of a closed run, gzipped protobuf with its payloads still encrypted: Temporal forgets, we do not.
  await sql`
    create table run_history (
      run_id text collate "C" primary key references run,
      tenant_id text collate "C" not null,
      events integer not null,
      body bytea not null,
      stored_at timestamptz not null default now()
    )`.execute(db)
  await protect(db, 'run_history', { app: ['select'], system: ['select', 'insert', 'update'] })
}
