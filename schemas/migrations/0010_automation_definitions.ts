import { sql, type Kysely } from 'kysely'
import { protect } from './row-security.ts'

export async function up(db: Kysely<never>): Promise<void> {
  await sql`create table automation (id text collate "C" primary key, tenant_id text collate "C" not null, handle text collate "C" not null, name text not null, published text collate "C", unique (tenant_id, handle))`.execute(
    db,
  )
  await protect(db, 'automation', { app: ['select', 'insert', 'update'] })
  await sql`create table automation_version (tenant_id text collate "C" not null, automation_id text collate "C" not null, version text collate "C" not null, number integer not null, definition jsonb not null, primary key (automation_id, version))`.execute(
    db,
  )
  await protect(db, 'automation_version', { app: ['select', 'insert', 'update'] })
}
