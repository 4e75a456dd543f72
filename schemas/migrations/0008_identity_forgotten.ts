import { sql, type Kysely } from 'kysely'
import { dbRoles } from './row-security.ts'

export async function up(db: Kysely<never>): Promise<void> {
  // the sweep deletes what can open nothing any more
  for (const table of ['session', 'sign_in_link']) {
    await sql`create index ${sql.ref(`${table}_over`)} on ${sql.table(table)} (expires_at)`.execute(db)
    await sql`grant delete on ${sql.table(table)} to ${sql.raw(dbRoles.system)}`.execute(db)
  }
}
