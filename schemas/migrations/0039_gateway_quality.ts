import { sql, type Kysely } from 'kysely'
import { protect } from './row-security.ts'

export async function up(db: Kysely<never>): Promise<void> {
  // how a tenant compares answers of cheaper models; who has no row does not
  await sql`
    create table gateway_quality (
      tenant_id text collate "C" primary key references tenant,
      is_on boolean not null,
      share double precision not null,
      judge text,
      bound double precision not null,
      below text collate "C" not null check (below in ('tell', 'withdraw')),
      daily_nano bigint not null,
      changed_at timestamptz not null default now(),
      check (not is_on or judge is not null)
    )`.execute(db)
  await protect(db, 'gateway_quality', { app: ['select', 'insert', 'update'] })

  // rules that keep too little, or did: only verdicts since "counts_from" are held against them
  await sql`
    create table gateway_quality_rule (
      tenant_id text collate "C" not null references tenant,
      policy_id text collate "C" not null,
      rule text collate "C" not null,
      counts_from timestamptz not null default '-infinity',
      fell_at timestamptz,
      withdrawn_at timestamptz check (withdrawn_at is null or fell_at is not null),
      primary key (tenant_id, policy_id, rule)
    )`.execute(db)
  await protect(db, 'gateway_quality_rule', { app: ['select', 'insert', 'update'] })
  await sql`create trigger announce after insert or update on gateway_quality
    for each row execute function announce_gateway()`.execute(db)
  await sql`create trigger announce after insert or update of withdrawn_at on gateway_quality_rule
    for each row execute function announce_gateway()`.execute(db)

  // requests that are compared; what they said goes with the verdict, or with the recorded bodies of its tenant
  await sql`
    create table gateway_quality_sample (
      id text collate "C" primary key,
      tenant_id text collate "C" not null references tenant,
      at timestamptz not null,
      arm text collate "C" not null check (arm in ('routed', 'kept')),
      policy_id text collate "C" not null,
      rule text collate "C" not null,
      asked text not null,
      strong text not null,
      cheap text not null,
      other text not null,
      operation text collate "C" not null,
      recorded boolean not null,
      state text collate "C" not null default 'waiting'
        check (state in ('waiting', 'judged', 'unread', 'failed', 'skipped')),
      why text,
      verdict text collate "C" check (verdict in ('win', 'tie', 'loss')),
      flipped boolean not null default false,
      shadow_id text collate "C",
      sealed bytea,
      shadow_sealed bytea,
      judged_sealed bytea,
      expires_at timestamptz not null,
      closed_at timestamptz,
      check ((state = 'judged') = (verdict is not null)),
      check ((state = 'waiting') = (closed_at is null))
    )`.execute(db)
  await sql`create index gateway_quality_sample_newest on gateway_quality_sample (tenant_id, id desc)`.execute(db)
  await sql`create index gateway_quality_sample_waiting on gateway_quality_sample (tenant_id, id)
    where state = 'waiting'`.execute(db)
  await sql`create index gateway_quality_sample_oldest on gateway_quality_sample (expires_at)
    where sealed is not null`.execute(db)
  await protect(db, 'gateway_quality_sample', {
    app: ['select', 'update'],
    system: ['select', 'insert', 'update', 'delete'],
  })

  // the workflow that works at what waits: one of a tenant at a time
  await sql`
    create table gateway_quality_run (
      id text collate "C" primary key,
      tenant_id text collate "C" not null references tenant,
      started_at timestamptz,
      next_at timestamptz not null default now(),
      created_at timestamptz not null default now(),
      closed_at timestamptz
    )`.execute(db)
  await sql`create unique index gateway_quality_run_open on gateway_quality_run (tenant_id)
    where closed_at is null`.execute(db)
  await sql`create index gateway_quality_run_waiting on gateway_quality_run (next_at)
    where started_at is null and closed_at is null`.execute(db)
  await protect(db, 'gateway_quality_run', {
    app: ['select', 'update'],
    system: ['select', 'insert', 'update', 'delete'],
  })
}
