import { sql } from 'kysely'
import { withSystem, type Databases, type Tx } from '#activities/database.ts'
import { append } from '#activities/audit/store.ts'
import { runCancelAsked } from '#schemas/runs-events.ts'
import type { Gate } from '#schemas/automation/gate.ts'
import type { Context } from '#schemas/tenancy.ts'
import { closeRun } from './store.ts'

type Held = { run: string; policy: Gate['policy']; limit: number }

/** How soon a run that is to make room is told again, until it has ended. */
const toldAgain = sql`interval '5 seconds'`

/**
 * Lets runs through their gates, oldest first, as the policy says. Several dispatchers may do so at once: a gate is looked
 * at by one of them at a time. Gives how many runs it decided on.
 */
export async function admitHeld(db: Databases, limit = 100): Promise<number> {
  const gates = await withSystem(db, async (tx) => {
    const { rows } = await sql<{ tenant: string; gate: string }>`
      select distinct tenant_id as tenant, gate from run_request
      where gate is not null and admitted_at is null and refused is null limit ${limit}`.execute(tx)
    return rows
  })
  let decided = 0
  for (const { tenant, gate } of gates) decided += await withSystem(db, (tx) => passGate(tx, tenant, gate))
  return decided
}

/** One gate: who waits at it, and what becomes of each. */
async function passGate(tx: Tx, tenant: string, gate: string): Promise<number> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`${tenant} ${gate}`}, 1))`.execute(tx)
  const held = await heldAt(tx, tenant, gate)
  const [newest] = held.slice(-1)
  if (newest === undefined) return 0
  const ctx: Context = { tenant, actor: { kind: 'system', id: 'dispatcher' }, scopes: [] }
  const active = await activeBehind(tx, tenant, gate)
  if (newest.policy === 'latest') {
    const older = held.slice(0, -1)
    await giveWay(
      tx,
      older.map(({ run }) => run),
      newest.run,
    )
    for (const { run } of older) await passOver(tx, ctx, run, 'superseded')
    if (active.length === 0) await admit(tx, [newest.run])
    else await stop(tx, ctx, active, newest.run)
    return active.length === 0 ? held.length : older.length
  }
  const free = Math.max(newest.limit - active.length, 0)
  const passing = held.slice(0, free)
  await admit(
    tx,
    passing.map(({ run }) => run),
  )
  if (newest.policy !== 'skip') return passing.length
  for (const { run } of held.slice(free)) await passOver(tx, ctx, run, 'skipped')
  return held.length
}

const heldAt = async (tx: Tx, tenant: string, gate: string): Promise<Held[]> => {
  const { rows } = await sql<Held>`
    select run_id as run, gate_policy as policy, gate_limit as "limit" from run_request
    where tenant_id = ${tenant} and gate = ${gate} and admitted_at is null and refused is null
    order by requested_at, run_id for update`.execute(tx)
  return rows
}

/** The runs that are through the gate and have not ended, oldest first. */
const activeBehind = async (tx: Tx, tenant: string, gate: string): Promise<string[]> => {
  const { rows } = await sql<{ run: string }>`
    select q.run_id as run from run_request q join run r on r.id = q.run_id
    where q.tenant_id = ${tenant} and q.gate = ${gate} and q.admitted_at is not null
      and r.phase in ('queued', 'running')
    order by q.run_id`.execute(tx)
  return rows.map(({ run }) => run)
}

const admit = async (tx: Tx, runs: string[]): Promise<void> => {
  if (runs.length === 0) return
  await sql`update run_request set admitted_at = now(), next_at = now() where run_id = any(${runs}::text[])`.execute(tx)
  await sql`update run set waits_for = null where id = any(${runs}::text[])`.execute(tx)
}

/** Writes down which newer run takes the place of others; what they come to says so when they end. */
const giveWay = async (tx: Tx, runs: string[], newer: string): Promise<void> => {
  await sql`update run set superseded_by = ${newer} where id = any(${runs}::text[])`.execute(tx)
}

/** A run that is not to start after all. */
const passOver = async (tx: Tx, ctx: Context, run: string, outcome: string): Promise<void> => {
  await tx.updateTable('run_request').set({ refused: outcome }).where('run_id', '=', run).execute()
  await closeRun(tx, ctx, run, { phase: 'cancelled', outcome, failure: null, closedAt: new Date() })
}

/** Asks runs to make room for a newer one; each is told of once. */
const stop = async (tx: Tx, ctx: Context, runs: string[], newer: string): Promise<void> => {
  const { rows } = await sql<{ run: string }>`
    update run_request set stop_at = now() where run_id = any(${runs}::text[]) and stop_at is null
    returning run_id as run`.execute(tx)
  await giveWay(
    tx,
    rows.map(({ run }) => run),
    newer,
  )
  for (const { run } of rows)
    await append(tx, { ...ctx, correlation: run }, [runCancelAsked(run, { reason: `Run ${newer} takes its place.` })])
}

/** Has the dispatcher tell Temporal to cancel a run. */
export const stopSoon = async (tx: Tx, run: string): Promise<void> => {
  await tx.updateTable('run_request').set({ stop_at: new Date() }).where('run_id', '=', run).execute()
}

/** Runs that Temporal is to be told to cancel. Told once, they are due again until they have ended. */
export const claimStops = (db: Databases, limit = 50): Promise<{ run: string; stuck: boolean }[]> =>
  withSystem(db, async (tx) => {
    const { rows } = await sql<{ run: string; open: boolean; stuck: boolean }>`
      update run_request q set stop_at = case when r.phase in ('queued', 'running') then now() + ${toldAgain} end
      from (
        select run_id from run_request where stop_at <= now() order by stop_at limit ${limit} for update skip locked
      ) due join run r on r.id = due.run_id
      where q.run_id = due.run_id
      returning q.run_id as run, r.phase in ('queued', 'running') as open, r.stuck is not null as stuck`.execute(tx)
    return rows.filter(({ open }) => open)
  })
