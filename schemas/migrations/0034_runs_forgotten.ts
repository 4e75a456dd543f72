import { sql, type Kysely } from 'kysely'
import { dbRoles } from './row-security.ts'

/** With a run goes the webhook that it came of. */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`grant delete on inbox to ${sql.raw(dbRoles.system)}`.execute(db)
}
