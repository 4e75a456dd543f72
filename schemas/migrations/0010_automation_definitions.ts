import { sql, type Kysely } from 'kysely'
import { announce, dbRoles, protect, stampChanges } from './row-security.ts'

export async function up(db: Kysely<never>): Promise<void> {
  // documents are json, not jsonb: the order in which a person named things is theirs, and may mean something
  await sql`
    create table automation (
      id text collate "C" primary key,
      tenant_id text collate "C" not null,
      handle text collate "C" not null,
      name text not null,
      description text not null default '',
      draft json not null,
      draft_version text collate "C" not null,
      draft_revision integer not null default 1,
      draft_saved_at timestamptz not null default now(),
      draft_by text collate "C" not null,
      draft_by_name text,
      published text collate "C",
      published_at timestamptz,
      published_by text collate "C",
      published_by_name text,
      archived_at timestamptz,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      search text not null generated always as (lower(handle || ' ' || name || ' ' || description)) stored,
      changed xid8 not null default pg_current_xact_id(),
      unique (tenant_id, handle)
    )`.execute(db)
  // the list, newest first, with and without the archived ones
  await sql`create index automation_newest on automation (tenant_id, id desc)`.execute(db)
  // the live feed asks for all changed since its snapshot
  await sql`create index automation_changed on automation (tenant_id, changed)`.execute(db)
  await protect(db, 'automation', { app: ['select', 'insert', 'update'] })
  await stampChanges(db, 'automation')
  await announce(db, 'automation', `select 'automations' union all select 'automation:' || c.id`)

  // what was published or tested once: its document never changes; a number it gets when it is published
  await sql`
    create table automation_version (
      tenant_id text collate "C" not null,
      automation_id text collate "C" not null references automation,
      version text collate "C" not null,
      number integer,
      definition json not null,
      notes text not null default '',
      made_at timestamptz not null default now(),
      made_by text collate "C" not null,
      made_by_name text,
      primary key (tenant_id, automation_id, version),
      unique (tenant_id, automation_id, number)
    )`.execute(db)
  await protect(db, 'automation_version', { app: ['select', 'insert'] })
  for (const role of [dbRoles.app, dbRoles.system])
    await sql`
      grant update (number, notes, made_at, made_by, made_by_name) on automation_version to ${sql.raw(role)}`.execute(
      db,
    )
}
