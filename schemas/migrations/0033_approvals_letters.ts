import { sql, type Kysely } from 'kysely'

/** How often an approval was passed on, and whom the last letter about it did not reach, by their id. */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    alter table approval
      add column delegations integer not null default 0,
      add column unreached jsonb not null default '{}'`.execute(db)
}
