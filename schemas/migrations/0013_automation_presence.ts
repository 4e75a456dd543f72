import { sql, type Kysely } from 'kysely'
import { announce, protect } from './row-security.ts'

/** Who looks at an automation right now, and at which step. It is worth nothing after a crash, so no log is written. */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create unlogged table automation_presence (
      tenant_id text collate "C" not null,
      automation_id text collate "C" not null,
      screen text collate "C" not null,
      user_id text collate "C" not null,
      name text not null,
      node text collate "C",
      seen_at timestamptz not null default now(),
      primary key (tenant_id, automation_id, screen)
    )`.execute(db)
  await protect(db, 'automation_presence', { app: ['select', 'insert', 'update', 'delete'] })
  await announce(db, 'automation_presence', `select 'presence:' || c.automation_id`)
}
