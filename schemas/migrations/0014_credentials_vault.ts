import { sql, type Kysely } from 'kysely'
import { protect } from './row-security.ts'

export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table credential (
      id text collate "C" primary key,
      tenant_id text collate "C" not null,
      handle text collate "C" not null,
      name text not null,
      hosts text[] not null,
      created_at timestamptz not null default now(),
      last_used_at timestamptz,
      unique (tenant_id, handle)
    )`.execute(db)
  // the list, newest first
  await sql`create index credential_newest on credential (tenant_id, id desc)`.execute(db)
  await protect(db, 'credential', { app: ['select', 'insert', 'update', 'delete'] })

  // the real secret and its twin for test runs, each with the access token it was exchanged for
  await sql`
    create table credential_secret (
      credential_id text collate "C" not null references credential on delete cascade,
      tenant_id text collate "C" not null,
      purpose text collate "C" not null check (purpose in ('live', 'sandbox')),
      kind text collate "C" not null check (kind in ('bearer', 'basic', 'header', 'query', 'oauth_client')),
      open jsonb not null,
      sealed bytea not null,
      set_at timestamptz not null default now(),
      token bytea,
      token_until timestamptz,
      primary key (tenant_id, credential_id, purpose)
    )`.execute(db)
  await protect(db, 'credential_secret', { app: ['select', 'insert', 'update', 'delete'] })

  // an approval that was passed on: by whom, when, and why
  await sql`
    alter table approval
      add column delegated_at timestamptz,
      add column delegated_by text collate "C",
      add column delegated_by_name text,
      add column delegated_note text`.execute(db)
  // fields are asked for, and facts shown, in the order in which somebody named them: jsonb keeps none
  await sql`
    alter table approval
      alter column form type json using form::json,
      alter column context type json using context::json`.execute(db)
}
