import { sql, type Kysely } from 'kysely'

export async function up(db: Kysely<never>): Promise<void> {
  // what took time besides asking, by name: when it began and how long it took, in ms
  await sql`alter table gateway_request add column steps jsonb`.execute(db)
}
