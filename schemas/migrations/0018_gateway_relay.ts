import { sql, type Kysely } from 'kysely'
import { announce, dbRoles, protect } from './row-security.ts'

export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table gateway_provider (
      id text collate "C" primary key,
      tenant_id text collate "C" not null references tenant,
      name text collate "C" not null,
      kind text collate "C" not null,
      base_url text,
      enabled boolean not null default true,
      created_at timestamptz not null default now(),
      unique (tenant_id, name)
    )`.execute(db)
  await sql`create index gateway_provider_newest on gateway_provider (tenant_id, id desc)`.execute(db)
  await protect(db, 'gateway_provider', { app: ['select', 'insert', 'update', 'delete'] })

  await sql`
    create table gateway_provider_key (
      id text collate "C" primary key,
      tenant_id text collate "C" not null,
      provider_id text collate "C" not null references gateway_provider on delete cascade,
      label text not null,
      hint text not null,
      sealed bytea not null,
      created_at timestamptz not null default now()
    )`.execute(db)
  await sql`create index gateway_provider_key_of on gateway_provider_key (tenant_id, provider_id, id)`.execute(db)
  await protect(db, 'gateway_provider_key', { app: ['select', 'insert', 'delete'] })

  // targets stand in the order in which somebody named them
  await sql`
    create table gateway_route (
      id text collate "C" primary key,
      tenant_id text collate "C" not null references tenant,
      alias text collate "C" not null,
      targets jsonb not null,
      created_at timestamptz not null default now(),
      changed_at timestamptz not null default now(),
      unique (tenant_id, alias)
    )`.execute(db)
  await sql`create index gateway_route_newest on gateway_route (tenant_id, id desc)`.execute(db)
  await protect(db, 'gateway_route', { app: ['select', 'insert', 'update', 'delete'] })

  await sql`
    create table gateway_key (
      id text collate "C" primary key,
      tenant_id text collate "C" not null references tenant,
      name text not null,
      models text[],
      tags jsonb not null,
      created_by text collate "C",
      created_at timestamptz not null default now(),
      last_used_at timestamptz,
      expires_at timestamptz,
      revoked_at timestamptz
    )`.execute(db)
  await sql`create index gateway_key_newest on gateway_key (tenant_id, id desc)`.execute(db)
  await protect(db, 'gateway_key', { app: ['select', 'insert', 'update'] })

  // a key that is rotated has two secrets for a while
  await sql`
    create table gateway_key_secret (
      hash bytea primary key,
      tenant_id text collate "C" not null,
      key_id text collate "C" not null references gateway_key,
      hint text not null,
      created_at timestamptz not null default now(),
      ends_at timestamptz
    )`.execute(db)
  await sql`create index gateway_key_secret_of on gateway_key_secret (tenant_id, key_id, created_at desc)`.execute(db)
  await protect(db, 'gateway_key_secret', { app: ['select', 'insert', 'update'] })

  // what every process of the gateway knows of a tenant is read anew when it is told of this
  await sql`
    create function announce_gateway() returns trigger language plpgsql as $$
    begin
      perform pg_notify('auterity_live', coalesce(new.tenant_id, old.tenant_id) || ' gateway');
      return null;
    end $$`.execute(db)
  const whenever = 'insert or update or delete'
  const changes = {
    gateway_provider: whenever,
    gateway_provider_key: whenever,
    gateway_route: whenever,
    gateway_key: 'insert or update of name, models, tags, expires_at, revoked_at',
    gateway_key_secret: whenever,
  }
  for (const [table, when] of Object.entries(changes))
    await sql`create trigger announce after ${sql.raw(when)} on ${sql.table(table)}
      for each row execute function announce_gateway()`.execute(db)

  await requests(db)
}

/**
 * One row for each request, a partition for each day. Ids sort by time, so a day is a range of ids: the newest and any
 * one are found without looking into the other days, and a day is forgotten by dropping its table.
 */
async function requests(db: Kysely<never>): Promise<void> {
  await sql`
    create table gateway_request (
      id text collate "C" primary key,
      tenant_id text collate "C" not null,
      at timestamptz not null,
      key_id text collate "C",
      operation text collate "C" not null,
      asked text not null,
      alias text,
      provider text,
      model text,
      stream boolean not null,
      outcome text collate "C" not null check (outcome in ('ok', 'refused', 'failed', 'cut', 'cancelled')),
      status smallint not null,
      failure text collate "C",
      error text,
      input_tokens integer,
      cached_tokens integer,
      cache_write_tokens integer,
      output_tokens integer,
      reasoning_tokens integer,
      cost_nano bigint,
      list_nano bigint,
      price text,
      first_byte_ms real,
      total_ms real not null,
      overhead_ms real not null,
      attempts jsonb not null,
      tags jsonb not null,
      run_id text collate "C",
      changed xid8 not null default pg_current_xact_id()
    ) partition by range (id)`.execute(db)
  await sql`create index gateway_request_newest on gateway_request (tenant_id, id desc)`.execute(db)
  await protect(db, 'gateway_request', { app: ['select'], system: ['select', 'insert'] })
  await announce(db, 'gateway_request', `select 'requests'`)
  // what no day is open for
  await sql`create table gateway_request_other partition of gateway_request default`.execute(db)
  await closeOff(db, 'gateway_request_other')
  // processes own no table, so a day is opened for them; it is reached through the whole alone, by the policies of that.
  // Where rows of it stand among the others already, they stay there.
  await sql`
    create function open_gateway_day(day text, first_id text, next_id text) returns void
    language plpgsql security definer set search_path = auterity, pg_temp as $$
    begin
      if day !~ '^[0-9]{8}$' then raise exception 'no day: %', day; end if;
      if to_regclass('gateway_request_' || day) is not null then return; end if;
      execute format('create table %I partition of gateway_request for values from (%L) to (%L)',
        'gateway_request_' || day, first_id, next_id);
      execute format('alter table %I enable row level security', 'gateway_request_' || day);
      execute format('alter table %I force row level security', 'gateway_request_' || day);
    exception when duplicate_table or check_violation then null;
    end $$`.execute(db)
  await sql`revoke execute on function open_gateway_day from public`.execute(db)
  await sql`grant execute on function open_gateway_day to ${sql.raw(dbRoles.system)}`.execute(db)
}

const closeOff = async (db: Kysely<never>, table: string): Promise<void> => {
  await sql`alter table ${sql.table(table)} enable row level security`.execute(db)
  await sql`alter table ${sql.table(table)} force row level security`.execute(db)
}
