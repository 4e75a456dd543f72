import { sql, type Kysely } from 'kysely'

/** Says at once that somebody at a tenant may do less than before, so that lines they hold open can end. */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create function announce_access() returns trigger language plpgsql as $$
    begin
      perform pg_notify('auterity_live', old.tenant_id || ' access');
      return null;
    end $$`.execute(db)
  const lesser = [
    'session_ended after update of ended_at on session for each row when (old.ended_at is null and new.ended_at is not null)',
    'key_revoked after update of revoked_at on api_key for each row when (old.revoked_at is null and new.revoked_at is not null)',
    'role_changed after update of role on membership for each row when (old.role <> new.role)',
    'member_removed after delete on membership for each row',
  ]
  for (const trigger of lesser)
    await sql`create trigger announce_${sql.raw(trigger)} execute function announce_access()`.execute(db)
}
