import { sql, type Kysely } from 'kysely'
import { protect } from './row-security.ts'

export async function up(db: Kysely<never>): Promise<void> {
  // what a model answered a step, until the step is sure to have it
  await sql`
    create table gateway_answer (
      tenant_id text collate "C" not null references tenant,
      run_id text collate "C" not null,
      step text collate "C" not null,
      asked text collate "C" not null,
      sealed bytea not null,
      at timestamptz not null default now(),
      primary key (tenant_id, run_id, step, asked)
    )`.execute(db)
  await sql`create index gateway_answer_oldest on gateway_answer (at)`.execute(db)
  await protect(db, 'gateway_answer', { app: [], system: ['select', 'insert', 'delete'] })

  await sql`create index gateway_request_run on gateway_request (tenant_id, run_id, id desc) where run_id is not null`.execute(
    db,
  )
}
