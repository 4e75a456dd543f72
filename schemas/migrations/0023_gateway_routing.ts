import { sql, type Kysely } from 'kysely'
import { announce, protect } from './row-security.ts'

export async function up(db: Kysely<never>): Promise<void> {
  // how a route is gone along; what is not said is as usual
  await sql`alter table gateway_route add column routing jsonb not null default '{}'`.execute(db)

  // who was found not to be well, and well again: of a model at a provider, or of a key for it
  await sql`
    create table gateway_health (
      id text collate "C" primary key,
      tenant_id text collate "C" not null references tenant,
      provider text collate "C" not null,
      model text collate "C" not null,
      key_id text collate "C",
      state text collate "C" not null,
      why text,
      at timestamptz not null,
      until timestamptz
    )`.execute(db)
  await sql`create index gateway_health_newest on gateway_health (tenant_id, id desc)`.execute(db)
  await sql`create index gateway_health_oldest on gateway_health (at)`.execute(db)
  await protect(db, 'gateway_health', { app: ['select'], system: ['select', 'insert', 'delete'] })
  await announce(db, 'gateway_health', `select 'health'`)
}
