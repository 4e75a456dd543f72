import { sql, type Kysely } from 'kysely'
import { protect } from './row-security.ts'

export async function up(db: Kysely<never>): Promise<void> {
  // conversations of the playground; one that was deleted can be brought back for a day
  await sql`
    create table gateway_playground (
      id text collate "C" primary key,
      tenant_id text collate "C" not null references tenant,
      owner text collate "C" not null,
      name text not null,
      models text[] not null,
      sealed bytea not null,
      shared boolean not null default false,
      revision integer not null default 1,
      created_at timestamptz not null default now(),
      changed_at timestamptz not null default now(),
      deleted_at timestamptz
    )`.execute(db)
  await sql`create index gateway_playground_of on gateway_playground (tenant_id, owner, id desc)`.execute(db)
  await sql`create index gateway_playground_deleted on gateway_playground (deleted_at)
    where deleted_at is not null`.execute(db)
  await protect(db, 'gateway_playground', {
    app: ['select', 'insert', 'update'],
    system: ['select', 'insert', 'update', 'delete'],
  })

  // the person who asked without a key, and the request that was sent again
  await sql`alter table gateway_request add column person_id text collate "C",
    add column replay_of text collate "C"`.execute(db)
  await sql`create index gateway_request_replays on gateway_request (tenant_id, replay_of)
    where replay_of is not null`.execute(db)
}
