import { sql, type Kysely } from 'kysely'
import { currentTenant, dbRoles, protect } from './row-security.ts'

export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table tenant (
      id text collate "C" primary key,
      slug text collate "C" not null unique,
      name text not null,
      created_at timestamptz not null default now()
    )`.execute(db)
  await protect(db, 'tenant', {
    app: ['select'],
    system: ['select', 'insert', 'update'],
    visible: sql`id = ${currentTenant}`,
  })

  // one e-mail is one account; all that a tenant says about a person, the password included, is on the membership,
  // so that what one tenant's admin sets opens nothing at another
  await sql`
    create table user_account (
      id text collate "C" primary key,
      email text collate "C" not null unique check (email = lower(email)),
      created_at timestamptz not null default now()
    )`.execute(db)

  await sql`
    create table membership (
      tenant_id text collate "C" not null references tenant,
      user_id text collate "C" not null references user_account,
      name text not null,
      password_hash text,
      role text collate "C" not null check (role in ('owner', 'admin', 'operator', 'analyst', 'viewer')),
      created_at timestamptz not null default now(),
      last_seen_at timestamptz,
      primary key (tenant_id, user_id)
    )`.execute(db)
  // sign-in asks for the tenants of a user
  await sql`create index membership_of_user on membership (user_id)`.execute(db)
  await protect(db, 'membership', { app: ['select', 'insert', 'update', 'delete'] })
  // a tenant sees the people who are its members, and no others; accounts are made by the system role
  await protect(db, 'user_account', {
    app: ['select'],
    system: ['select', 'insert'],
    visible: sql`id = any (array(select m.user_id from membership m where m.tenant_id = ${currentTenant}))`,
  })

  await sql`
    create table session (
      id text collate "C" primary key,
      tenant_id text collate "C" not null references tenant,
      user_id text collate "C" not null references user_account,
      token_hash bytea not null unique,
      user_agent text,
      address text,
      created_at timestamptz not null default now(),
      seen_at timestamptz not null default now(),
      expires_at timestamptz not null,
      ended_at timestamptz
    )`.execute(db)
  // "my sessions", and ending all of a person who leaves
  await sql`create index session_of_user on session (tenant_id, user_id)`.execute(db)
  await protect(db, 'session', { app: ['select', 'update'], system: ['select', 'insert', 'update'] })

  await sql`
    create table sign_in_link (
      id text collate "C" primary key,
      tenant_id text collate "C" not null references tenant,
      user_id text collate "C" not null references user_account,
      token_hash bytea not null unique,
      created_at timestamptz not null default now(),
      expires_at timestamptz not null,
      used_at timestamptz
    )`.execute(db)
  // the unused ones of a person who leaves end with them
  await sql`create index sign_in_link_of_user on sign_in_link (tenant_id, user_id) where used_at is null`.execute(db)
  await protect(db, 'sign_in_link', { app: ['select', 'insert', 'update'], system: ['select', 'insert', 'update'] })

  await sql`
    create table api_key (
      id text collate "C" primary key,
      tenant_id text collate "C" not null references tenant,
      name text not null,
      hint text not null,
      key_hash bytea not null unique,
      scopes text[] not null,
      created_by text collate "C",
      created_at timestamptz not null default now(),
      last_used_at timestamptz,
      expires_at timestamptz,
      revoked_at timestamptz
    )`.execute(db)
  // the settings page lists the keys of a tenant, newest first
  await sql`create index api_key_newest on api_key (tenant_id, id desc)`.execute(db)
  await protect(db, 'api_key', { app: ['select', 'insert', 'update'] })

  // counts failures per e-mail and per address; belongs to no tenant, so only the system role sees it
  await sql`
    create table sign_in_throttle (
      subject text collate "C" primary key,
      failures integer not null,
      last_at timestamptz not null default now(),
      blocked_until timestamptz
    )`.execute(db)
  // old counters are forgotten
  await sql`create index sign_in_throttle_age on sign_in_throttle (last_at)`.execute(db)
  await sql`alter table sign_in_throttle enable row level security`.execute(db)
  await sql`alter table sign_in_throttle force row level security`.execute(db)
  await sql`create policy platform on sign_in_throttle to ${sql.raw(dbRoles.system)} using (true) with check (true)`.execute(
    db,
  )
  await sql`grant select, insert, update, delete on sign_in_throttle to ${sql.raw(dbRoles.system)}`.execute(db)

  await sql`
    create table idempotency (
      tenant_id text collate "C" not null references tenant,
      key text collate "C" not null,
      route text collate "C" not null,
      request_hash bytea not null,
      status integer,
      reply bytea,
      created_at timestamptz not null default now(),
      primary key (tenant_id, key)
    )`.execute(db)
  // the sweep forgets answers after a day
  await sql`create index idempotency_age on idempotency (created_at)`.execute(db)
  await protect(db, 'idempotency', { app: ['select', 'insert', 'update', 'delete'] })
}
