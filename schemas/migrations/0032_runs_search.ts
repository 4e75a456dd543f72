import { sql, type Kysely } from 'kysely'

/** Lists are searched without regard to case in every alphabet, whatever collation the database was made with. */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    alter table run alter column search set expression as
      (lower((id || ' ' || workflow || ' ' || title || ' ' || coalesce(outcome, '')) collate pg_c_utf8))`.execute(db)
  await sql`
    alter table automation alter column search set expression as
      (lower((handle || ' ' || name || ' ' || description) collate pg_c_utf8))`.execute(db)
}
