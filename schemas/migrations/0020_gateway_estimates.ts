import { sql, type Kysely } from 'kysely'

export async function up(db: Kysely<never>): Promise<void> {
  // of an answer that broke off before its tokens were told, they are counted by what was asked and what came
  await sql`alter table gateway_request add column estimated boolean not null default false`.execute(db)
}
