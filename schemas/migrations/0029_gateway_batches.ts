import { sql, type Kysely } from 'kysely'
import { announce, protect, stampChanges } from './row-security.ts'

export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    alter table gateway_request
      -- what has a price of its own beside text: tokens of sound and images, seconds of sound, another tier
      add column apart jsonb,
      add column batch_id text collate "C"`.execute(db)
  await sql`create index gateway_request_batch on gateway_request (tenant_id, batch_id, id desc)
    where batch_id is not null`.execute(db)

  // a file that is still being sent is not there for anybody; what a batch has come to is a file without parts
  await sql`
    create table gateway_file (
      id text collate "C" primary key,
      tenant_id text collate "C" not null references tenant,
      key_id text collate "C",
      name text not null,
      purpose text collate "C" not null,
      bytes bigint not null default 0,
      ready boolean not null default false,
      batch_id text collate "C",
      created_at timestamptz not null default now(),
      expires_at timestamptz not null
    )`.execute(db)
  await sql`create index gateway_file_newest on gateway_file (tenant_id, id desc)`.execute(db)
  await sql`create index gateway_file_oldest on gateway_file (expires_at)`.execute(db)
  await protect(db, 'gateway_file', { app: ['select', 'insert', 'update', 'delete'] })
  await sql`
    create table gateway_file_part (
      file_id text collate "C" not null references gateway_file on delete cascade,
      n integer not null,
      tenant_id text collate "C" not null,
      sealed bytea not null,
      primary key (file_id, n)
    )`.execute(db)
  await protect(db, 'gateway_file_part', { app: ['select', 'insert', 'delete'] })

  await batches(db)
}

/** Requests to models that may wait: worked through one by one, each answered once. */
async function batches(db: Kysely<never>): Promise<void> {
  await sql`
    create table gateway_batch (
      id text collate "C" primary key,
      tenant_id text collate "C" not null references tenant,
      key_id text collate "C",
      wire text collate "C" not null check (wire in ('chat', 'messages')),
      endpoint text collate "C" not null,
      name text,
      file_id text collate "C",
      metadata jsonb,
      along jsonb not null default '{}',
      state text collate "C" not null check
        (state in ('reading', 'running', 'cancelling', 'completed', 'failed', 'expired', 'cancelled')),
      total integer not null default 0,
      succeeded integer not null default 0,
      errored integer not null default 0,
      canceled integer not null default 0,
      expired integer not null default 0,
      problems jsonb,
      output_file text collate "C",
      error_file text collate "C",
      asked_by text collate "C" not null,
      asked_by_kind text collate "C" not null,
      asked_by_name text,
      started_at timestamptz,
      next_at timestamptz not null default now(),
      created_at timestamptz not null default now(),
      running_at timestamptz,
      cancelling_at timestamptz,
      closed_at timestamptz,
      expires_at timestamptz not null,
      changed xid8 not null default pg_current_xact_id()
    )`.execute(db)
  await sql`create index gateway_batch_newest on gateway_batch (tenant_id, id desc)`.execute(db)
  // those of which Temporal has to be told
  await sql`create index gateway_batch_waiting on gateway_batch (next_at)
    where started_at is null and closed_at is null`.execute(db)
  await protect(db, 'gateway_batch', { app: ['select', 'insert', 'update', 'delete'] })
  await stampChanges(db, 'gateway_batch')
  await announce(db, 'gateway_batch', `select 'model_batches'`)

  // what is asked is kept until it is answered; who works at a line has claimed it
  await sql`
    create table gateway_batch_line (
      batch_id text collate "C" not null references gateway_batch on delete cascade,
      n integer not null,
      tenant_id text collate "C" not null,
      custom_id text not null,
      asked bytea,
      state text collate "C" not null default 'waiting' check
        (state in ('waiting', 'succeeded', 'errored', 'canceled', 'expired')),
      claim text collate "C",
      tries smallint not null default 0,
      next_at timestamptz not null default now(),
      status smallint,
      request_id text,
      answer bytea,
      bytes integer not null default 0,
      primary key (batch_id, n),
      unique (batch_id, custom_id)
    )`.execute(db)
  await sql`create index gateway_batch_line_waiting on gateway_batch_line (batch_id, n)
    where state = 'waiting'`.execute(db)
  await protect(db, 'gateway_batch_line', { app: ['select', 'insert', 'update', 'delete'] })
}
