import { sql, type Kysely } from 'kysely'

export async function up(db: Kysely<never>): Promise<void> {
  // which version of which automation runs, as whose part, and whether for a test
  await sql`
    alter table run
      add column automation_id text collate "C",
      add column version text collate "C",
      add column version_number integer,
      add column parent_run text collate "C",
      add column role text collate "C" not null default 'run' check (role in ('run', 'subflow', 'page')),
      add column test boolean not null default false`.execute(db)
  // the runs of an automation, newest first
  await sql`create index run_of_automation on run (tenant_id, automation_id, id desc)`.execute(db)
  // the runs that stand in another one
  await sql`create index run_of_parent on run (parent_run) where parent_run is not null`.execute(db)
  // what a run is to begin with besides its input: taken over steps, pinned outputs, the run it stands in
  await sql`
    alter table run_request
      add column automation_id text collate "C",
      add column version text collate "C",
      add column origin text collate "C",
      add column options jsonb not null default '{}'`.execute(db)

  // turns of nested loops are named `2.3`
  await sql`alter table step alter column iteration type text collate "C" using iteration::text`.execute(db)

  // a run may ask several people, each at a step of its own
  await sql`
    alter table approval
      add column run_step text collate "C" not null default 'approval#0',
      add column form jsonb,
      add column filled jsonb,
      add column assignees jsonb,
      add column escalate_to jsonb,
      add column delegable boolean not null default true,
      add column expires boolean not null default false,
      drop constraint approval_state_check,
      add constraint approval_state_check check (state in ('open', 'approved', 'rejected', 'withdrawn', 'expired'))`.execute(
    db,
  )
  await sql`create unique index approval_of_step on approval (run_id, run_step)`.execute(db)
  await sql`drop index approval_of_run`.execute(db)

  // which automation answers what comes in by a source
  await sql`alter table source add column automation text collate "C" not null default 'lead-response'`.execute(db)
}
