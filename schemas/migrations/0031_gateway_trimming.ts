import { sql, type Kysely } from 'kysely'

export async function up(db: Kysely<never>): Promise<void> {
  await sql`alter table gateway_levers add column trims boolean not null default false`.execute(db)
  await sql`alter table gateway_cost add column trimming_nano bigint not null default 0`.execute(db)
  // how much was left out of what was asked: passages, and about how many tokens
  await sql`alter table gateway_request add column trimmed jsonb`.execute(db)
}
