import { sql, type Kysely } from 'kysely'

export async function up(db: Kysely<never>): Promise<void> {
  // a run whose code fails again and again says so in lists; one that gave way says to which
  await sql`alter table run add column stuck jsonb, add column superseded_by text collate "C"`.execute(db)
  // one step of a drawing may be several calls, and a person may pass it over
  await sql`alter table step add column part text, add column skipped_by text`.execute(db)
}
