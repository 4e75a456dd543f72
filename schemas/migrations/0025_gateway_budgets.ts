import { sql, type Kysely } from 'kysely'
import { dbRoles, protect } from './row-security.ts'

export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table gateway_budget (
      id text collate "C" primary key,
      tenant_id text collate "C" not null references tenant,
      name text not null,
      subject_kind text collate "C" not null check (subject_kind in ('tenant', 'user', 'key', 'model', 'tag')),
      subject text collate "C" not null,
      unit text collate "C" not null check (unit in ('usd', 'tokens', 'requests')),
      zone text not null,
      created_at timestamptz not null default now(),
      changed_at timestamptz not null default now()
    )`.execute(db)
  await sql`create index gateway_budget_newest on gateway_budget (tenant_id, id desc)`.execute(db)
  await protect(db, 'gateway_budget', { app: ['select', 'insert', 'update', 'delete'] })

  // amounts are billionths of a US dollar, tokens or requests, by the unit of the budget
  await sql`
    create table gateway_budget_limit (
      tenant_id text collate "C" not null,
      budget_id text collate "C" not null references gateway_budget on delete cascade,
      per text collate "C" not null check (per in ('at_once', 'minute', 'hour', 'day', 'week', 'month', 'ever')),
      amount bigint not null check (amount >= 0),
      primary key (tenant_id, budget_id, per)
    )`.execute(db)
  await protect(db, 'gateway_budget_limit', { app: ['select', 'insert', 'update', 'delete'] })

  // what was spent within one window; the row is what those who take of it queue up for
  await sql`
    create table gateway_budget_window (
      tenant_id text collate "C" not null,
      budget_id text collate "C" not null references gateway_budget on delete cascade,
      per text collate "C" not null,
      starts_at timestamptz not null,
      ends_at timestamptz,
      spent bigint not null default 0,
      primary key (tenant_id, budget_id, per, starts_at)
    ) with (fillfactor = 70)`.execute(db)
  await sql`create index gateway_budget_window_ended on gateway_budget_window (ends_at)`.execute(db)
  await protect(db, 'gateway_budget_window', { app: ['select'], system: ['select', 'insert', 'update', 'delete'] })

  // the course of it, for the plot
  await sql`
    create table gateway_budget_point (
      tenant_id text collate "C" not null,
      budget_id text collate "C" not null,
      per text collate "C" not null,
      starts_at timestamptz not null,
      at timestamptz not null,
      spent bigint not null,
      primary key (tenant_id, budget_id, per, starts_at, at),
      foreign key (tenant_id, budget_id, per, starts_at) references gateway_budget_window on delete cascade
    )`.execute(db)
  await protect(db, 'gateway_budget_point', { app: ['select'], system: ['select', 'insert', 'update'] })

  // processes that spend, as long as they say that they live
  await sql`
    create table gateway_budget_holder (
      id text collate "C" primary key,
      beat_at timestamptz not null
    )`.execute(db)
  await sql`alter table gateway_budget_holder enable row level security`.execute(db)
  await sql`alter table gateway_budget_holder force row level security`.execute(db)
  await sql`create policy everyone on gateway_budget_holder for select to ${sql.raw(dbRoles.app)} using (true)`.execute(
    db,
  )
  await sql`create policy platform on gateway_budget_holder to ${sql.raw(dbRoles.system)} using (true) with check (true)`.execute(
    db,
  )
  await sql`grant select on gateway_budget_holder to ${sql.raw(dbRoles.app)}`.execute(db)
  await sql`grant select, insert, update, delete on gateway_budget_holder to ${sql.raw(dbRoles.system)}`.execute(db)

  // What a process may spend without asking. It is below zero where a request took more than was reserved for it: what is
  // taken next covers that first.
  await sql`
    create table gateway_budget_lease (
      tenant_id text collate "C" not null,
      budget_id text collate "C" not null references gateway_budget on delete cascade,
      per text collate "C" not null,
      starts_at timestamptz not null,
      holder_id text collate "C" not null,
      amount bigint not null,
      primary key (tenant_id, budget_id, per, starts_at, holder_id)
    ) with (fillfactor = 70)`.execute(db)
  await sql`create index gateway_budget_lease_held on gateway_budget_lease (holder_id)`.execute(db)
  await protect(db, 'gateway_budget_lease', { app: ['select'], system: ['select', 'insert', 'update', 'delete'] })

  // what a tenant pays where no book knows it, or knows it otherwise
  await sql`
    create table gateway_price (
      id text collate "C" primary key,
      tenant_id text collate "C" not null references tenant,
      provider text collate "C" not null,
      model text collate "C" not null,
      since timestamptz not null,
      input_nano bigint not null check (input_nano >= 0),
      cached_nano bigint not null check (cached_nano >= 0),
      output_nano bigint not null check (output_nano >= 0),
      created_at timestamptz not null default now(),
      unique (tenant_id, provider, model, since)
    )`.execute(db)
  await protect(db, 'gateway_price', { app: ['select', 'insert', 'delete'] })

  for (const table of ['gateway_budget', 'gateway_budget_limit', 'gateway_price'])
    await sql`create trigger announce after insert or update or delete on ${sql.table(table)}
      for each row execute function announce_gateway()`.execute(db)

  await sql`alter table gateway_request add column budget_id text collate "C"`.execute(db)
  await sql`alter table gateway_request drop constraint gateway_request_outcome_check`.execute(db)
  await sql`alter table gateway_request add constraint gateway_request_outcome_check
    check (outcome in ('ok', 'refused', 'failed', 'cut', 'cancelled', 'lost'))`.execute(db)
  await windows(db)
  await trade(db)
  await settle(db)
}

async function windows(db: Kysely<never>): Promise<void> {
  // minutes and hours are the same everywhere; days and longer begin where the budget is
  await sql`
    create function gateway_budget_window_at(per text, zone text, at timestamptz,
      out starts_at timestamptz, out ends_at timestamptz) language plpgsql stable as $$
    begin
      if per in ('ever', 'at_once') then
        starts_at := 'epoch';
      elsif per in ('minute', 'hour') then
        starts_at := date_trunc(per, at, 'UTC');
        ends_at := starts_at + ('1 ' || per)::interval;
      else
        starts_at := date_trunc(per, at, zone);
        ends_at := (starts_at at time zone zone + ('1 ' || per)::interval) at time zone zone;
      end if;
    end $$`.execute(db)
  // of whom nothing was heard for so long is dead, and stays so: it has to begin as another
  await sql`
    create function gateway_budget_lives(beat_at timestamptz) returns boolean language sql stable
    return beat_at > clock_timestamp() - interval '90 seconds'`.execute(db)
  await sql`
    create function beat_gateway_holder(holder text) returns boolean language plpgsql as $$
    begin
      -- a little before the others take it for dead
      update gateway_budget_holder set beat_at = clock_timestamp()
        where id = holder and beat_at > clock_timestamp() - interval '85 seconds';
      if found then return true; end if;
      insert into gateway_budget_holder (id, beat_at) values (holder, clock_timestamp()) on conflict do nothing;
      return found;
    end $$`.execute(db)
}

/** Gives back and takes: for each window that is asked for as much as is needed, and some more as long as there is plenty. */
async function trade(db: Kysely<never>): Promise<void> {
  await sql`
    create function trade_gateway_leases(holder text, gives jsonb, takes jsonb)
      returns table (tenant text, budget text, per text, starts_at timestamptz, ends_at timestamptz, cap bigint, spent bigint,
        leased bigint, granted bigint, now_at timestamptz) language plpgsql as $$
    #variable_conflict use_column
    declare t record; g record; b record; w record; mine bigint; others bigint; remaining bigint;
    begin
      for g in select * from jsonb_to_recordset(gives) as x(tenant text, budget text, per text, starts timestamptz, amount bigint)
        order by x.budget, x.per, x.starts
      loop
        -- without an amount: all of it
        if g.amount is null then
          delete from gateway_budget_lease l where l.tenant_id = g.tenant and l.budget_id = g.budget and l.per = g.per
            and l.starts_at = g.starts and l.holder_id = holder;
        else
          update gateway_budget_lease l set amount = l.amount - g.amount where l.tenant_id = g.tenant
            and l.budget_id = g.budget and l.per = g.per and l.starts_at = g.starts and l.holder_id = holder;
        end if;
      end loop;
      for t in select * from jsonb_to_recordset(takes) as x(tenant text, budget text, per text, need bigint, wish bigint)
        order by x.budget, x.per
      loop
        -- whoever deletes or changes it waits, or has done so
        select x.zone, l.amount as cap into b from gateway_budget x
          join gateway_budget_limit l on l.tenant_id = x.tenant_id and l.budget_id = x.id and l.per = t.per
          where x.tenant_id = t.tenant and x.id = t.budget for key share of x;
        continue when not found;
        select * into w from gateway_budget_window_at(t.per, b.zone, clock_timestamp());
        select x.spent into spent from gateway_budget_window x where x.tenant_id = t.tenant and x.budget_id = t.budget
          and x.per = t.per and x.starts_at = w.starts_at for update;
        if not found then
          insert into gateway_budget_window (tenant_id, budget_id, per, starts_at, ends_at)
            values (t.tenant, t.budget, t.per, w.starts_at, w.ends_at) on conflict do nothing;
          select x.spent into spent from gateway_budget_window x where x.tenant_id = t.tenant and x.budget_id = t.budget
            and x.per = t.per and x.starts_at = w.starts_at for update;
        end if;
        select coalesce(sum(greatest(l.amount, 0)) filter (where l.holder_id = holder), 0),
            coalesce(sum(greatest(l.amount, 0)) filter (where l.holder_id <> holder), 0)
          into mine, others
          from gateway_budget_lease l join gateway_budget_holder h on h.id = l.holder_id and gateway_budget_lives(h.beat_at)
          where l.tenant_id = t.tenant and l.budget_id = t.budget and l.per = t.per and l.starts_at = w.starts_at;
        remaining := b.cap - spent - mine - others;
        granted := case when remaining < t.need then 0 else greatest(t.need, least(t.wish, remaining / 4)) end;
        if granted > 0 then
          insert into gateway_budget_lease as l (tenant_id, budget_id, per, starts_at, holder_id, amount)
            values (t.tenant, t.budget, t.per, w.starts_at, holder, granted)
            on conflict (tenant_id, budget_id, per, starts_at, holder_id) do update set amount = l.amount + excluded.amount;
        elsif others > 0 then
          perform pg_notify('auterity_live', t.tenant || ' recall:' || t.budget);
        end if;
        tenant := t.tenant; budget := t.budget; per := t.per; starts_at := w.starts_at; ends_at := w.ends_at; cap := b.cap;
        leased := others; now_at := clock_timestamp();
        return next;
      end loop;
    end $$`.execute(db)
}

/** Counts what requests came to, in the transaction that writes them down, and takes it off what was lent for them. */
async function settle(db: Kysely<never>): Promise<void> {
  await sql`
    create function settle_gateway_budgets(holder text, charges jsonb) returns void language plpgsql as $$
    declare c record; w record; wide interval;
    begin
      for c in
        select x.tenant, x.budget, x.per, x.starts, sum(x.amount)::bigint as amount
        from jsonb_to_recordset(charges) as x(tenant text, budget text, per text, starts timestamptz, amount bigint)
        group by 1, 2, 3, 4 order by 2, 3, 4
      loop
        update gateway_budget_window x set spent = x.spent + c.amount where x.tenant_id = c.tenant
          and x.budget_id = c.budget and x.per = c.per and x.starts_at = c.starts returning x.* into w;
        continue when not found;
        wide := case c.per when 'minute' then interval '1 second' when 'hour' then interval '1 minute'
          when 'day' then interval '15 minutes' when 'week' then interval '2 hours' when 'month' then interval '8 hours'
          else interval '1 day' end;
        insert into gateway_budget_point as p (tenant_id, budget_id, per, starts_at, at, spent)
          values (c.tenant, c.budget, c.per, c.starts,
            date_bin(wide, least(clock_timestamp(), w.ends_at - interval '1 ms'), c.starts), c.amount)
          on conflict (tenant_id, budget_id, per, starts_at, at) do update set spent = p.spent + excluded.spent;
        update gateway_budget_lease l set amount = l.amount - c.amount where l.tenant_id = c.tenant
          and l.budget_id = c.budget and l.per = c.per and l.starts_at = c.starts and l.holder_id = holder;
        if not found and exists (select from gateway_budget_holder h where h.id = holder) then
          insert into gateway_budget_lease as l (tenant_id, budget_id, per, starts_at, holder_id, amount)
            values (c.tenant, c.budget, c.per, c.starts, holder, -c.amount)
            on conflict (tenant_id, budget_id, per, starts_at, holder_id) do update set amount = l.amount + excluded.amount;
        end if;
      end loop;
    end $$`.execute(db)
}
