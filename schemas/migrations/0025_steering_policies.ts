import { sql, type Kysely } from 'kysely'
import { protect } from './row-security.ts'

export async function up(db: Kysely<never>): Promise<void> {
  // a draft is a text that somebody is at: it need not be a document yet
  await sql`
    create table steering_policy (
      id text collate "C" primary key,
      tenant_id text collate "C" not null references tenant,
      name text not null,
      description text not null default '',
      draft text not null,
      draft_version text collate "C" not null,
      draft_revision integer not null default 1,
      draft_saved_at timestamptz not null default now(),
      draft_by text collate "C" not null,
      draft_by_name text,
      archived_at timestamptz,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now()
    )`.execute(db)
  await sql`create index steering_policy_newest on steering_policy (tenant_id, id desc)`.execute(db)
  await protect(db, 'steering_policy', { app: ['select', 'insert', 'update'] })

  // what was published once, as it was written: never changed, and never gone
  await sql`
    create table steering_version (
      tenant_id text collate "C" not null,
      policy_id text collate "C" not null references steering_policy,
      version text collate "C" not null,
      number integer not null,
      text text not null,
      rules integer not null,
      notes text not null,
      made_at timestamptz not null default now(),
      made_by text collate "C" not null,
      made_by_name text,
      primary key (tenant_id, policy_id, version),
      unique (tenant_id, policy_id, number)
    )`.execute(db)
  await protect(db, 'steering_version', { app: ['select', 'insert'] })

  // which version is in force, for everybody and for single keys
  await sql`
    create table steering_publication (
      tenant_id text collate "C" not null,
      policy_id text collate "C" not null,
      scope text collate "C" not null,
      version text collate "C" not null,
      at timestamptz not null,
      by text collate "C" not null,
      by_name text,
      primary key (tenant_id, policy_id, scope),
      foreign key (tenant_id, policy_id, version) references steering_version
    )`.execute(db)
  await protect(db, 'steering_publication', { app: ['select', 'insert', 'update', 'delete'] })

  // what every process of the gateway knows of a tenant is read anew when it is told of this
  const changes = {
    steering_publication: 'insert or update or delete',
    steering_policy: 'update of archived_at',
  }
  for (const [table, when] of Object.entries(changes))
    await sql`create trigger announce after ${sql.raw(when)} on ${sql.table(table)}
      for each row execute function announce_gateway()`.execute(db)

  // which rule decided on a request, and which others held
  await sql`
    alter table gateway_request
      add column policy_id text collate "C",
      add column policy_number integer,
      add column rule text collate "C",
      add column rules text[],
      -- those of before rules added theirs, where they did
      add column own_tags jsonb`.execute(db)

  await replays(db)
}

/** What recorded requests would have come to under other rules: worked out bit by bit, and kept. */
async function replays(db: Kysely<never>): Promise<void> {
  await sql`
    create table steering_replay (
      id text collate "C" primary key,
      tenant_id text collate "C" not null,
      policy_id text collate "C" not null references steering_policy,
      text text not null,
      number integer,
      revision integer,
      from_at timestamptz not null,
      to_at timestamptz not null,
      state text collate "C" not null default 'running' check (state in ('running', 'completed', 'cancelled')),
      total integer not null,
      done integer not null default 0,
      cursor text collate "C" not null,
      tally jsonb,
      asked_by text collate "C" not null,
      asked_by_name text,
      started_at timestamptz,
      next_at timestamptz not null default now(),
      created_at timestamptz not null default now(),
      closed_at timestamptz
    )`.execute(db)
  await sql`create index steering_replay_newest on steering_replay (tenant_id, policy_id, id desc)`.execute(db)
  // those of which Temporal has to be told
  await sql`create index steering_replay_waiting on steering_replay (next_at)
    where started_at is null and state = 'running'`.execute(db)
  await protect(db, 'steering_replay', { app: ['select', 'insert', 'update'] })
}
