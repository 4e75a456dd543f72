import { sql, type Kysely } from 'kysely'
import { protect } from './row-security.ts'

export async function up(db: Kysely<never>): Promise<void> {
  // what a tenant has turned on to spend less; who has no row has turned on nothing
  await sql`
    create table gateway_levers (
      tenant_id text collate "C" primary key references tenant,
      marks boolean not null default false,
      changed_at timestamptz not null default now()
    )`.execute(db)
  await protect(db, 'gateway_levers', { app: ['select', 'insert', 'update'] })
  await sql`create trigger announce after insert or update on gateway_levers
    for each row execute function announce_gateway()`.execute(db)

  await sql`alter table gateway_cost add column marks_nano bigint not null default 0`.execute(db)
}
