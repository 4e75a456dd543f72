import { sql, type Kysely } from 'kysely'
import { protect } from './row-security.ts'

export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table gateway_guardrail (
      id text collate "C" primary key,
      tenant_id text collate "C" not null references tenant,
      name text collate "C" not null,
      kind text collate "C" not null,
      options jsonb not null,
      sides text[] not null,
      everywhere text collate "C" check (everywhere in ('flag', 'mask', 'block')),
      created_at timestamptz not null default now(),
      changed_at timestamptz not null default now(),
      unique (tenant_id, name)
    )`.execute(db)
  await sql`create index gateway_guardrail_newest on gateway_guardrail (tenant_id, id desc)`.execute(db)
  await protect(db, 'gateway_guardrail', { app: ['select', 'insert', 'update', 'delete'] })
  await sql`create trigger announce after insert or update or delete on gateway_guardrail
    for each row execute function announce_gateway()`.execute(db)

  // what each did, by ten minutes; one that is deleted may still be counted by a request that was under way
  await sql`
    create table gateway_guardrail_count (
      tenant_id text collate "C" not null,
      guardrail_id text collate "C" not null,
      at timestamptz not null,
      looked bigint not null,
      flagged bigint not null,
      masked bigint not null,
      blocked bigint not null,
      matches bigint not null,
      primary key (tenant_id, guardrail_id, at)
    ) with (fillfactor = 70)`.execute(db)
  await sql`create index gateway_guardrail_count_oldest on gateway_guardrail_count (at)`.execute(db)
  await protect(db, 'gateway_guardrail_count', {
    app: ['select', 'delete'],
    system: ['select', 'insert', 'update', 'delete'],
  })

  // those that a route calls for, by name, and how each acts
  await sql`alter table gateway_route add column guardrails jsonb not null default '{}'`.execute(db)

  await sql`
    alter table gateway_request
      add column guarded jsonb,
      -- the request whose answer it was to mend
      add column mends text collate "C"`.execute(db)
  await sql`alter table gateway_request drop constraint gateway_request_outcome_check`.execute(db)
  await sql`alter table gateway_request add constraint gateway_request_outcome_check
    check (outcome in ('ok', 'refused', 'blocked', 'failed', 'cut', 'cancelled', 'lost'))`.execute(db)
}
