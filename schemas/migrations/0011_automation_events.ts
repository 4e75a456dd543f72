import { sql, type Kysely } from 'kysely'
import { protect } from './row-security.ts'

export async function up(db: Kysely<never>): Promise<void> {
  // What other systems say has happened. Its id is the sender's: told twice, it counts once.
  await sql`
    create table arrival (
      id text collate "C" primary key,
      tenant_id text collate "C" not null,
      event_id text collate "C" not null,
      type text collate "C" not null,
      key text collate "C" not null,
      data jsonb not null,
      received_at timestamptz not null default now(),
      unique (tenant_id, event_id)
    )`.execute(db)
  // a run that begins to listen takes what came since it began
  await sql`create index arrival_of_key on arrival (tenant_id, type, key, id)`.execute(db)
  // those that have had their time
  await sql`create index arrival_oldest on arrival (received_at)`.execute(db)
  await protect(db, 'arrival', { app: ['select', 'insert'], system: ['select', 'insert', 'delete'] })

  // The steps of runs that listen, each for one type and key.
  await sql`
    create table arrival_wait (
      run_id text collate "C" not null references run,
      step text collate "C" not null,
      tenant_id text collate "C" not null,
      type text collate "C" not null,
      key text collate "C" not null,
      primary key (run_id, step)
    )`.execute(db)
  // an arrival asks who waits for it
  await sql`create index arrival_wait_of_key on arrival_wait (tenant_id, type, key)`.execute(db)
  await protect(db, 'arrival_wait', {
    app: ['select', 'insert', 'update'],
    system: ['select', 'insert', 'update', 'delete'],
  })

  // What is on its way to a waiting step; a row goes when its run has been told.
  await sql`
    create table arrival_delivery (
      arrival_id text collate "C" not null references arrival on delete cascade,
      run_id text collate "C" not null references run,
      step text collate "C" not null,
      tenant_id text collate "C" not null,
      tries integer not null default 0,
      next_at timestamptz not null default now(),
      primary key (arrival_id, run_id, step)
    )`.execute(db)
  // the dispatcher's queue; empty when all is well
  await sql`create index arrival_delivery_due on arrival_delivery (next_at)`.execute(db)
  await protect(db, 'arrival_delivery', {
    app: ['select', 'insert'],
    system: ['select', 'insert', 'update', 'delete'],
  })
}
