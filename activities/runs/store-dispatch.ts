import { sql } from 'kysely'
import { withSystem, type Databases, type Tx } from '#activities/database.ts'
import { append } from '#activities/audit/store.ts'
import { sisterId } from '#schemas/ids.ts'
import { webhookHeld } from '#schemas/ingress.ts'
import type { Context } from '#schemas/tenancy.ts'
import { findPublished } from '#activities/automation/store.ts'
import { requestRuns, type StartRequest } from './store-request.ts'

/** A request whose turn it is to be started. */
export type ClaimedRequest = StartRequest & { tries: number }

/**
 * Turns accepted bodies into run requests, oldest first, in one transaction; several dispatchers share the work.
 * The run takes its id from the receipt, so a receipt can never ask for two. What comes in by a source is answered by the
 * automation that it names; where that one is not published, the body waits, held. Gives how many it took.
 */
export const takeFromInbox = (db: Databases, limit = 100): Promise<number> =>
  withSystem(db, async (tx) => {
    const rows = await tx
      .selectFrom('inbox')
      .innerJoin('receipt', 'receipt.id', 'inbox.receipt_id')
      .innerJoin('source', (join) =>
        join.onRef('source.tenant_id', '=', 'receipt.tenant_id').onRef('source.name', '=', 'receipt.source'),
      )
      .select(['receipt.id', 'receipt.tenant_id', 'receipt.title', 'source.automation', 'inbox.traceparent'])
      .where('inbox.dispatched_at', 'is', null)
      .where('inbox.held', '=', false)
      .orderBy('inbox.receipt_id')
      .limit(limit)
      .forUpdate('inbox')
      .skipLocked()
      .execute()
    if (rows.length === 0) return 0
    const taken: string[] = []
    for (const theirs of Map.groupBy(rows, (row) => `${row.tenant_id} ${row.automation}`).values()) {
      const [{ tenant_id: tenant, automation }] = theirs as [(typeof rows)[number]]
      const ctx = { tenant, actor: { kind: 'system' as const, id: 'dispatcher' }, scopes: [] }
      const version = await findPublished(tx, ctx, automation)
      const receipts = theirs.map((row) => row.id)
      if (version === null) {
        await hold(tx, ctx, receipts, automation)
        continue
      }
      await requestRuns(
        tx,
        ctx,
        theirs.map((row) => ({
          run: sisterId('run', row.id),
          automation: version,
          title: row.title,
          input: {},
          receipt: row.id,
          traceparent: row.traceparent,
        })),
      )
      taken.push(...receipts)
    }
    await markDispatched(tx, taken)
    return rows.length
  })

/** Sets bodies aside that no automation answers, for a person to release or to discard. */
const hold = async (tx: Tx, ctx: Context, receipts: string[], automation: string): Promise<void> => {
  await tx.updateTable('inbox').set({ held: true }).where('receipt_id', 'in', receipts).execute()
  await tx.updateTable('receipt').set({ state: 'quarantined' }).where('id', 'in', receipts).execute()
  const facts = receipts.map((receipt) => webhookHeld(receipt, { automation, reason: 'not_published' }))
  for (const fact of facts) await append(tx, { ...ctx, correlation: fact.stream }, [fact])
}

const markDispatched = async (tx: Tx, receipts: string[]): Promise<void> => {
  if (receipts.length === 0) return
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
      ) due
      where q.run_id = due.run_id
      returning q.run_id, q.tenant_id, q.workflow, q.input, q.automation_id, q.version, q.origin, q.options,
        q.requested_at, q.traceparent, q.tries`.execute(tx)
    return rows
  })
