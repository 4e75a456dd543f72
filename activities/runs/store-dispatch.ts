import { sql } from 'kysely'
import { withSystem, type Databases, type Tx } from '#activities/database.ts'
import { sisterId } from '#schemas/ids.ts'
import { requestRuns } from './store.ts'

/** A request whose turn it is to be started. */
export type ClaimedRequest = {
  run_id: string
  tenant_id: string
  workflow: string
  input: Record<string, unknown>
  tries: number
  title: string
  traceparent: string | null
}

/**
 * Turns accepted bodies into run requests, oldest first, in one transaction; several dispatchers share the work.
 * The run takes its id from the receipt, so a receipt can never ask for two. Gives how many it took.
 */
export const takeFromInbox = (db: Databases, limit = 100): Promise<number> =>
  withSystem(db, async (tx) => {
    const rows = await tx
      .selectFrom('inbox')
      .innerJoin('receipt', 'receipt.id', 'inbox.receipt_id')
      .select(['receipt.id', 'receipt.tenant_id', 'receipt.title', 'receipt.source', 'inbox.traceparent'])
      .where('inbox.dispatched_at', 'is', null)
      .where('inbox.held', '=', false)
      .orderBy('inbox.receipt_id')
      .limit(limit)
      .forUpdate('inbox')
      .skipLocked()
      .execute()
    if (rows.length === 0) return 0
    const byTenant = Map.groupBy(rows, (row) => row.tenant_id)
    for (const [tenant, theirs] of byTenant)
      await requestRuns(
        tx,
        { tenant, actor: { kind: 'system', id: 'dispatcher' }, scopes: [] },
        theirs.map((row) => ({
          run: sisterId('run', row.id),
          workflow: 'lead',
          title: row.title,
          input: {},
          receipt: row.id,
          traceparent: row.traceparent,
        })),
      )
    await markDispatched(
      tx,
      rows.map((row) => row.id),
    )
    return rows.length
  })

const markDispatched = async (tx: Tx, receipts: string[]): Promise<void> => {
  await sql`update receipt set run_id = 'run_' || substr(id, 5) where id = any(${receipts}::text[])`.execute(tx)
  await tx.updateTable('inbox').set({ dispatched_at: new Date() }).where('receipt_id', 'in', receipts).execute()
}

/** Claims requests that are due. A claim is a lease: not started by `next_at`, it is due again. */
export const claimRequests = (db: Databases, limit = 50): Promise<ClaimedRequest[]> =>
  withSystem(db, async (tx) => {
    const { rows } = await sql<ClaimedRequest>`
      update run_request q
      set tries = tries + 1, next_at = now() + least(interval '1 second' * 2 ^ least(tries, 6), interval '30 seconds')
      from (
        select run_id from run_request
        where started_at is null and refused is null and next_at <= now()
        order by next_at limit ${limit} for update skip locked
      ) due, run
      where q.run_id = due.run_id and run.id = q.run_id
      returning q.run_id, q.tenant_id, q.workflow, q.input, q.tries, q.traceparent, run.title`.execute(tx)
    return rows
  })
