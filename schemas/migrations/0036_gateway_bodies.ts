import { sql, type Kysely } from 'kysely'
import { protect } from './row-security.ts'

export async function up(db: Kysely<never>): Promise<void> {
  // of which requests a tenant keeps bodies; who has no row keeps none
  await sql`
    create table gateway_recording (
      tenant_id text collate "C" primary key references tenant,
      subject text collate "C" not null default 'nothing' check (subject in ('nothing', 'some', 'everything')),
      keys text[] not null default '{}',
      tags text[] not null default '{}',
      days smallint not null default 7 check (days between 1 and 365),
      changed_at timestamptz not null default now()
    )`.execute(db)
  await protect(db, 'gateway_recording', { app: ['select', 'insert', 'update'] })
  await sql`create trigger announce after insert or update on gateway_recording
    for each row execute function announce_gateway()`.execute(db)

  // one that was deleted stays without its content until its time is over, so that nothing brings it back
  await sql`
    create table gateway_body (
      request_id text collate "C" not null,
      side text collate "C" not null check (side in ('asked', 'answer')),
      tenant_id text collate "C" not null references tenant,
      at timestamptz not null,
      expires_at timestamptz not null,
      operation text collate "C" not null,
      type text not null,
      bytes bigint not null,
      whole boolean not null,
      gathered boolean not null,
      withheld text collate "C",
      sealed bytea,
      deleted_at timestamptz,
      primary key (request_id, side)
    )`.execute(db)
  await sql`create index gateway_body_of on gateway_body (tenant_id, at)`.execute(db)
  await sql`create index gateway_body_oldest on gateway_body (expires_at)`.execute(db)
  await protect(db, 'gateway_body', {
    app: ['select', 'update'],
    system: ['select', 'insert', 'update', 'delete'],
  })

  // for how many days its bodies were to be kept
  await sql`alter table gateway_request add column recorded_days smallint`.execute(db)
}
