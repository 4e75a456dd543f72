import { sql, type Kysely } from 'kysely'
import { protect } from './row-security.ts'

export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table gateway_classifier (
      id text collate "C" primary key,
      tenant_id text collate "C" not null references tenant,
      number integer not null,
      state text collate "C" not null default 'training' check (state in ('training', 'ready', 'failed')),
      notes text not null,
      rows integer not null,
      outcomes bytea check (outcomes is null or state = 'training'),
      model jsonb,
      scored jsonb,
      found jsonb,
      failure text,
      chosen jsonb,
      in_force_since timestamptz check (in_force_since is null or (state = 'ready' and chosen is not null)),
      asked_by text collate "C" not null,
      asked_by_kind text collate "C" not null,
      asked_by_name text,
      started_at timestamptz,
      next_at timestamptz not null default now(),
      created_at timestamptz not null default now(),
      closed_at timestamptz,
      unique (tenant_id, number)
    )`.execute(db)
  await sql`create index gateway_classifier_newest on gateway_classifier (tenant_id, id desc)`.execute(db)
  await sql`create unique index gateway_classifier_in_force on gateway_classifier (tenant_id)
    where in_force_since is not null`.execute(db)
  // those of which Temporal has to be told
  await sql`create index gateway_classifier_waiting on gateway_classifier (next_at)
    where started_at is null and state = 'training'`.execute(db)
  await protect(db, 'gateway_classifier', { app: ['select', 'insert', 'update', 'delete'] })
  await sql`create trigger announce after update of in_force_since, chosen on gateway_classifier
    for each row execute function announce_gateway()`.execute(db)
}
