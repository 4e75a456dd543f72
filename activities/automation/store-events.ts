import { sql } from 'kysely'
import { append } from '#activities/audit/store.ts'
import { storable, withSystem, type Databases, type Tx } from '#activities/database.ts'
import { arrivalReceived } from '#schemas/automation/events.ts'
import { same, type Json } from '#schemas/automation/json.ts'
import { Fault } from '#schemas/errors.ts'
import { newId } from '#schemas/ids.ts'
import type { Context } from '#schemas/tenancy.ts'

type About = { type: string; key: string }
export type Told = About & { id?: string | undefined; data: Json }
export type Receipt = { arrival: string; id: string; repeated: boolean; waiting: number }

/**
 * Who tells and who begins to listen of one key take turns: else each could miss what the other has not committed, and
 * a step would wait for what is there.
 */
const takeTurns = (tx: Tx, tenant: string, { type, key }: About) =>
  sql`select pg_advisory_xact_lock(hashtextextended(${JSON.stringify([tenant, type, key])}, 11))`.execute(tx)

/** Writes an event down with its way to every step that waits for it; told again under its id, it changes nothing. */
export async function receiveEvent(tx: Tx, ctx: Context, told: Told): Promise<Receipt> {
  const { type, key } = told
  const arrival = newId('arrival')
  const id = told.id ?? arrival
  const data = storable(told.data)
  await takeTurns(tx, ctx.tenant, told)
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('arrival')
    .values({ id: arrival, tenant_id: ctx.tenant, event_id: id, type, key, data: JSON.stringify(data) })
    .onConflict((conflict) => conflict.columns(['tenant_id', 'event_id']).doNothing())
    .executeTakeFirst()
  if ((numInsertedOrUpdatedRows ?? 0n) === 0n)
    return { ...(await before(tx, ctx, id, { type, key, data })), waiting: 0 }
  const { rows } = await sql`
    insert into arrival_delivery (arrival_id, run_id, step, tenant_id)
    select ${arrival}, w.run_id, w.step, w.tenant_id
    from arrival_wait w join run r on r.id = w.run_id and r.phase in ('queued', 'running')
    where w.tenant_id = ${ctx.tenant} and w.type = ${type} and w.key = ${key}
    returning run_id`.execute(tx)
  if (rows.length > 0) await sql`select pg_notify('auterity_live', ${`${ctx.tenant} deliveries`})`.execute(tx)
  await append(tx, ctx, [arrivalReceived(arrival, { id, type, waiting: rows.length })], 0)
  return { arrival, id, repeated: false, waiting: rows.length }
}

const before = async (tx: Tx, ctx: Context, id: string, told: Omit<Told, 'id'>) => {
  const known = await tx
    .selectFrom('arrival')
    .select(['id', 'type', 'key', 'data'])
    .where('tenant_id', '=', ctx.tenant)
    .where('event_id', '=', id)
    .executeTakeFirstOrThrow()
  const { id: arrival, ...said } = known
  if (!same(said, told)) throw new Fault('conflict', 'An event of this id came before, and said something else.')
  return { arrival, id, repeated: true }
}

export type Awaiting = About & { tenant: string; run: string; step: string; earlier: boolean }

/** Lets a step listen from now on, and gives what came for it since its run began, oldest first. */
export async function awaitEvent(tx: Tx, awaiting: Awaiting): Promise<{ id: string; data: Json }[]> {
  const { tenant, run, step, type, key, earlier } = awaiting
  await takeTurns(tx, tenant, awaiting)
  await tx
    .insertInto('arrival_wait')
    .values({ tenant_id: tenant, run_id: run, step, type, key })
    .onConflict((conflict) => conflict.columns(['run_id', 'step']).doUpdateSet({ type, key }))
    .execute()
  if (!earlier) return []
  return tx
    .selectFrom('arrival')
    .innerJoin('run', (on) => on.on('run.id', '=', run))
    .select(['arrival.event_id as id', 'arrival.data'])
    .where('arrival.tenant_id', '=', tenant)
    .where('arrival.type', '=', type)
    .where('arrival.key', '=', key)
    .whereRef('arrival.received_at', '>=', 'run.requested_at')
    .orderBy('arrival.id')
    .execute()
}

export type Delivery = {
  arrival: string
  run: string
  step: string
  id: string
  data: Json
  /** Whether the run is still at work, as far as it is projected. */
  open: boolean
}

/** Claims deliveries that are due, oldest first. A claim is a lease: not settled by `next_at`, it is due again. */
export const claimDeliveries = (db: Databases, limit = 100): Promise<Delivery[]> =>
  withSystem(db, async (tx) => {
    const { rows } = await sql<Delivery>`
      with due as (
        select arrival_id, run_id, step from arrival_delivery where next_at <= now()
        order by next_at, arrival_id limit ${limit} for update skip locked
      ), claimed as (
        update arrival_delivery d
        set tries = tries + 1, next_at = now() + least(interval '1 second' * 2 ^ least(tries, 6), interval '30 seconds')
        from due where d.arrival_id = due.arrival_id and d.run_id = due.run_id and d.step = due.step
        returning d.arrival_id, d.run_id, d.step
      )
      select c.arrival_id as arrival, c.run_id as run, c.step, a.event_id as id, a.data,
        r.phase in ('queued', 'running') as open
      from claimed c join arrival a on a.id = c.arrival_id join run r on r.id = c.run_id
      order by a.id`.execute(tx)
    return rows
  })

/** The step has been told, or there is nobody left to tell. */
export const settleDelivery = async (db: Databases, { arrival, run, step }: Delivery): Promise<void> => {
  await withSystem(db, (tx) =>
    tx
      .deleteFrom('arrival_delivery')
      .where('arrival_id', '=', arrival)
      .where('run_id', '=', run)
      .where('step', '=', step)
      .execute(),
  )
}

/** Deletes events from before then, and who of runs that have ended listened (system role); gives how many. */
export async function forgetArrivals(tx: Tx, earliest: Date, limit: number): Promise<number> {
  const old = await sql`
    delete from arrival where id in (select id from arrival where received_at < ${earliest} limit ${limit})`.execute(tx)
  const idle = await sql`
    delete from arrival_wait w using (
      select w.run_id, w.step from arrival_wait w join run r on r.id = w.run_id and r.closed_at is not null limit ${limit}
    ) done where w.run_id = done.run_id and w.step = done.step`.execute(tx)
  return Math.max(Number(old.numAffectedRows ?? 0), Number(idle.numAffectedRows ?? 0))
}
