import { sql, type Kysely } from 'kysely'

export async function up(db: Kysely<never>): Promise<void> {
  // what the classifier said of a request, where a rule asked: another version of the rules can be tried on it
  await sql`alter table gateway_request add column easy double precision, add column suffices boolean`.execute(db)
}
