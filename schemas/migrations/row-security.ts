import { sql, type Kysely } from 'kysely'

/**
 * The three roles of the database. Processes log in as `app` (bound to one tenant per transaction) or as
 * `system` (cross-tenant, by named policies); `owner` owns the tables and only migrations act as it. None of
 * them can bypass row-level security.
 */
export const dbRoles = { owner: 'auterity_owner', app: 'auterity_app', system: 'auterity_system' } as const

/** The tenant of the running transaction; empty or unset matches no row. */
export const currentTenant = sql.raw(`current_setting('auterity.tenant', true)`)

type Rights = 'select' | 'insert' | 'update' | 'delete'

/** Forces row-level security on `table`, with the tenant policy for `app` and the cross-tenant one for `system`. */
export async function protect(
  db: Kysely<never>,
  table: string,
  grants: { app: readonly Rights[]; system?: readonly Rights[]; visible?: ReturnType<typeof sql.raw> },
): Promise<void> {
  const t = sql.table(table)
  const visible = grants.visible ?? sql`tenant_id = ${currentTenant}`
  await sql`alter table ${t} enable row level security`.execute(db)
  await sql`alter table ${t} force row level security`.execute(db)
  await sql`create policy tenant on ${t} to ${sql.raw(dbRoles.app)} using (${visible}) with check (${visible})`.execute(
    db,
  )
  await sql`create policy platform on ${t} to ${sql.raw(dbRoles.system)} using (true) with check (true)`.execute(db)
  const grant = async (role: string, rights: readonly Rights[]) => {
    if (rights.length > 0) await sql`grant ${sql.raw(rights.join(', '))} on ${t} to ${sql.raw(role)}`.execute(db)
  }
  await grant(dbRoles.app, grants.app)
  await grant(dbRoles.system, grants.system ?? grants.app)
}

/** Tells the live feed which topics changed: one NOTIFY per topic and statement, ids only. */
export async function announce(db: Kysely<never>, table: string, topics: string): Promise<void> {
  await announceAs(db, table, topics)
  for (const action of ['insert', 'update'])
    await sql`create trigger ${sql.ref(`announce_${action}`)} after ${sql.raw(action)} on ${sql.table(table)}
      referencing new table as changed for each statement execute function ${sql.ref(`announce_${table}`)}()`.execute(
      db,
    )
}

/** The topics of a table that is announced: those of before are replaced. */
export async function announceAs(db: Kysely<never>, table: string, topics: string): Promise<void> {
  await sql`
    create or replace function ${sql.ref(`announce_${table}`)}() returns trigger language plpgsql as $$
    declare said record;
    begin
      for said in select distinct c.tenant_id || ' ' || t.topic as line from changed c, lateral (${sql.raw(topics)}) t(topic)
      loop perform pg_notify('auterity_live', said.line); end loop;
      return null;
    end $$`.execute(db)
}

/** Stamps each changed row with the transaction that changed it, so that a reader can ask for all since a snapshot. */
export async function stampChanges(db: Kysely<never>, table: string): Promise<void> {
  await sql`create trigger stamp_change before update on ${sql.table(table)} for each row execute function stamp_change()`.execute(
    db,
  )
}
