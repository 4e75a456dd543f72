import { sql, type Kysely } from 'kysely'
import { protect } from './row-security.ts'

export async function up(db: Kysely<never>): Promise<void> {
  // Runs whose history could not be projected, with what was wrong: they are tried again ever less often and keep
  // nobody behind them waiting.
  await sql`
    create table run_set_aside (
      run_id text collate "C" primary key references run,
      tenant_id text collate "C" not null,
      error text not null,
      tries integer not null default 1,
      since timestamptz not null default now(),
      next_at timestamptz not null
    )`.execute(db)
  // the system page lists those of a tenant; usually empty
  await sql`create index run_set_aside_of_tenant on run_set_aside (tenant_id, since)`.execute(db)
  await protect(db, 'run_set_aside', { app: ['select'], system: ['select', 'insert', 'update', 'delete'] })
}
