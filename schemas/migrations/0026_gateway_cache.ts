import { sql, type Kysely } from 'kysely'
import { protect } from './row-security.ts'

export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table gateway_cache (
      tenant_id text collate "C" primary key references tenant,
      mode text collate "C" not null check (mode in ('off', 'exact', 'semantic')),
      ttl integer not null check (ttl > 0),
      scope text collate "C" not null check (scope in ('tenant', 'user', 'key')),
      sampled boolean not null,
      most_bytes bigint not null check (most_bytes > 0),
      embeddings text collate "C",
      similarity double precision not null,
      audit_share double precision not null,
      epoch integer not null default 0,
      changed_at timestamptz not null default now()
    )`.execute(db)
  await protect(db, 'gateway_cache', { app: ['select', 'insert', 'update'] })
  await sql`create trigger announce after insert or update on gateway_cache
    for each row execute function announce_gateway()`.execute(db)

  // answers, under the hash of what was asked; what they say is sealed
  await sql`
    create table gateway_cache_entry (
      tenant_id text collate "C" not null references tenant,
      key text collate "C" not null,
      context text collate "C",
      sealed bytea not null,
      vector bytea,
      threshold double precision not null default 0,
      bytes integer not null,
      kept_at timestamptz not null,
      expires_at timestamptz not null,
      primary key (tenant_id, key)
    )`.execute(db)
  await sql`create index gateway_cache_entry_newest on gateway_cache_entry (tenant_id, kept_at desc) include (bytes)`.execute(
    db,
  )
  await sql`create index gateway_cache_entry_context on gateway_cache_entry (tenant_id, context, kept_at desc)
    where context is not null`.execute(db)
  await sql`create index gateway_cache_entry_expired on gateway_cache_entry (expires_at)`.execute(db)
  await protect(db, 'gateway_cache_entry', {
    app: ['select', 'delete'],
    system: ['select', 'insert', 'update', 'delete'],
  })

  // how it did, by the hour
  await sql`
    create table gateway_cache_hour (
      tenant_id text collate "C" not null references tenant,
      at timestamptz not null,
      exact integer not null default 0,
      semantic integer not null default 0,
      missed integer not null default 0,
      saved_nano bigint not null default 0,
      audited integer not null default 0,
      wrong integer not null default 0,
      primary key (tenant_id, at)
    ) with (fillfactor = 70)`.execute(db)
  await sql`create index gateway_cache_hour_oldest on gateway_cache_hour (at)`.execute(db)
  await protect(db, 'gateway_cache_hour', { app: ['select'], system: ['select', 'insert', 'update', 'delete'] })

  await sql`
    alter table gateway_request
      add column cache text collate "C" check (cache in ('exact', 'semantic', 'miss')),
      add column cache_of text collate "C",
      add column cache_age_ms bigint,
      add column cache_similarity real`.execute(db)
}
