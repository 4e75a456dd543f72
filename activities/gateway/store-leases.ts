import { sql } from 'kysely'
import type { Databases, Tx } from '#activities/database.ts'
import type { Per } from '#schemas/gateway/budgets.ts'
import type { Limited } from './relay/ledger.ts'

/** What a process gives back of a window; without an amount all that it holds. */
export type Give = Limited & { starts: number; amount: number | null }
/** What it needs at least, and what it would like. */
export type Take = Limited & { need: number; wish: number }
/** How a window stands after it: times in ms since 1970, `leased` to others. */
export type Taken = Limited & {
  starts: number
  ends: number
  cap: number
  spent: number
  leased: number
  granted: number
  now: number
}
/** What a request that is over came to within a window that began at `starts`. */
export type Charge = Limited & { starts: number; amount: number }

type Row = {
  tenant: string
  budget: string
  per: Per
  starts_at: Date
  ends_at: Date | null
  cap: string
  spent: string
  leased: string
  granted: string
  now_at: Date
}

const stored = ({ starts, ...rest }: Give | Charge) => ({ ...rest, starts: new Date(starts).toISOString() })

/** What a process does with leases at the database. */
export type Leases = {
  /** Says that it lives; false where it was taken for dead, and has to go on as another. */
  beat(holder: string): Promise<boolean>
  trade(holder: string, gives: readonly Give[], takes: readonly Take[]): Promise<Taken[]>
  /** Gives back all that a process held, under whatever name it went on. */
  release(holder: string): Promise<void>
  lives(holder: string): Promise<boolean>
}

export const createLeases = (db: Databases): Leases => ({
  async beat(holder) {
    const { rows } = await sql<{ lives: boolean }>`select beat_gateway_holder(${holder}) lives`.execute(db.system)
    return rows[0]?.lives === true
  },
  async trade(holder, gives, takes) {
    const [given, taken] = [JSON.stringify(gives.map(stored)), JSON.stringify(takes)]
    const { rows } =
      await sql<Row>`select * from trade_gateway_leases(${holder}, ${given}::jsonb, ${taken}::jsonb)`.execute(db.system)
    return rows.map((row) => ({
      tenant: row.tenant,
      budget: row.budget,
      per: row.per,
      starts: row.starts_at.getTime(),
      ends: row.ends_at?.getTime() ?? Infinity,
      cap: Number(row.cap),
      spent: Number(row.spent),
      leased: Number(row.leased),
      granted: Number(row.granted),
      now: row.now_at.getTime(),
    }))
  },
  async release(holder) {
    await sql`with gone as (
        delete from gateway_budget_holder where id = ${holder} or starts_with(id, ${`${holder}/`}) returning id)
      delete from gateway_budget_lease l using gone where l.holder_id = gone.id`.execute(db.system)
  },
  async lives(holder) {
    const { rows } = await sql<{ lives: boolean }>`select exists (select from gateway_budget_holder h
      where (h.id = ${holder} or starts_with(h.id, ${`${holder}/`})) and gateway_budget_lives(h.beat_at)) lives`.execute(
      db.system,
    )
    return rows[0]?.lives === true
  },
})

/** What all of a batch came to, one of each window. */
const summed = (charges: readonly Charge[]): Charge[] => {
  const sums = new Map<string, Charge>()
  for (const one of charges) {
    const name = `${one.budget} ${one.per} ${one.starts} ${one.tenant}`
    const sum = sums.get(name)
    if (sum === undefined) sums.set(name, { ...one })
    else sum.amount += one.amount
  }
  return [...sums.values()]
}

/** Counts charges, in the transaction that writes their requests down. */
export async function settleCharges(tx: Tx, holder: string, charges: readonly Charge[]): Promise<void> {
  if (charges.length === 0) return
  await sql`select settle_gateway_budgets(${holder}, ${JSON.stringify(summed(charges).map(stored))}::jsonb)`.execute(tx)
}

/** Forgets windows that nobody asks for any more, and what the dead have left. Gives how many rows. */
export async function forgetWindows(tx: Tx, now: Date, limit: number): Promise<number> {
  const ago = (days: number) => new Date(now.getTime() - days * 86_400_000)
  const windows = await sql`
    delete from gateway_budget_window where ctid = any (array(
      select ctid from gateway_budget_window where ends_at < ${ago(2)}
        and (per in ('minute', 'hour') or ends_at < ${ago(400)}) limit ${limit}))`.execute(tx)
  await sql`delete from gateway_budget_holder where not gateway_budget_lives(beat_at)`.execute(tx)
  const leases = await sql`
    delete from gateway_budget_lease where ctid = any (array(
      select l.ctid from gateway_budget_lease l
      where not exists (select from gateway_budget_holder h where h.id = l.holder_id) limit ${limit}))`.execute(tx)
  return Number((windows.numAffectedRows ?? 0n) + (leases.numAffectedRows ?? 0n))
}
