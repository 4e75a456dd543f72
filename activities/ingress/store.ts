import { holding, lowered } from '#activities/runs/store-search.ts'
import { sql, type Selectable } from 'kysely'
import { append } from '#activities/audit/store.ts'
import type { Tx } from '#activities/database.ts'
import { pageOfRows, type Page, type PageAsked } from '#activities/paging.ts'
import { Fault } from '#schemas/errors.ts'
import { sisterId } from '#schemas/ids.ts'
import {
  quarantineDiscarded,
  quarantineReleased,
  type Receipt,
  type ReceiptRow,
  type ReceiptStatus,
} from '#schemas/ingress.ts'
import type { RunFailure, RunState } from '#schemas/runs.ts'
import type { ReceiptTable } from '#schemas/tables/ingress.ts'
import type { Context } from '#schemas/tenancy.ts'

type Row = Selectable<ReceiptTable> & {
  run_state: RunState | null
  run_title: string | null
  failure: RunFailure | null
}

/** A receipt's status is never stored: it is the state of the run it started, so the two cannot disagree. */
const statusOf = (row: Row): ReceiptStatus => {
  if (row.state !== 'accepted') return row.state
  return row.run_state === null || row.run_state === 'queued' ? 'accepted' : row.run_state
}

const toReceipt = (row: Row): Receipt => ({
  receipt: row.id,
  status: statusOf(row),
  run: row.run_id,
  error:
    row.state === 'quarantined'
      ? whyHeld(row)
      : row.failure === null
        ? null
        : { code: row.failure.code, message: row.failure.message },
})

const whyHeld = ({ conflicts_with, source }: Row) =>
  conflicts_with === null
    ? {
        code: 'not_published',
        message: `The automation that answers “${source}” was not published. Publish it, then release this.`,
      }
    : {
        code: 'body_conflict',
        message: `Its webhook id was accepted before with another body (${conflicts_with}).`,
      }

export const toReceiptRow = (row: Row): ReceiptRow => ({
  ...toReceipt(row),
  id: row.id,
  source: row.source,
  webhookId: row.webhook_id,
  title: row.run_title ?? row.title,
  bytes: row.bytes,
  deliveries: row.deliveries,
  acceptedAt: row.accepted_at.toISOString(),
  conflictsWith: row.conflicts_with,
})

/** Receipts of the tenant with the state of their newest run. */
export const receiptsWithRuns = (tx: Tx, ctx: Context) =>
  tx
    .selectFrom('receipt')
    .leftJoin('run', 'run.id', 'receipt.run_id')
    .selectAll('receipt')
    .select(['run.state as run_state', 'run.title as run_title', 'run.failure as failure'])
    .where('receipt.tenant_id', '=', ctx.tenant)

export async function findReceipt(tx: Tx, ctx: Context, receipt: string): Promise<ReceiptRow> {
  const row = await receiptsWithRuns(tx, ctx).where('receipt.id', '=', receipt).executeTakeFirst()
  if (row === undefined) throw new Fault('not_found')
  return toReceiptRow(row)
}

const searched = sql<string>`receipt.id || ' ' || receipt.webhook_id || ' ' || receipt.title || ' ' || coalesce(receipt.run_id, '')`

type ReceiptFilter = PageAsked & {
  status?: ReceiptStatus | undefined
  source?: string | undefined
  text?: string | undefined
}

/** A page of receipts, newest first. */
export async function listReceipts(tx: Tx, ctx: Context, filter: ReceiptFilter): Promise<Page<ReceiptRow>> {
  let query = receiptsWithRuns(tx, ctx)
  if (filter.source !== undefined) query = query.where('receipt.source', '=', filter.source)
  if (filter.cursor !== undefined) query = query.where('receipt.id', '<', filter.cursor)
  for (const word of holding(lowered(searched), filter.text)) query = query.where(word)
  if (filter.status === 'quarantined' || filter.status === 'discarded')
    query = query.where('receipt.state', '=', filter.status)
  else if (filter.status === 'accepted')
    query = query
      .where('receipt.state', '=', 'accepted')
      .where((e) => e.or([e('run.state', 'is', null), e('run.state', '=', 'queued')]))
  else if (filter.status !== undefined)
    query = query.where('receipt.state', '=', 'accepted').where('run.state', '=', filter.status)
  const { rows, next } = await pageOfRows(query.orderBy('receipt.id', 'desc'), filter.limit, (row) => row.id)
  return { items: rows.map(toReceiptRow), next }
}

export async function findBody(tx: Tx, receipt: string): Promise<{ body: Buffer; contentType: string } | null> {
  const row = await tx
    .selectFrom('inbox')
    .select(['body', 'content_type'])
    .where('receipt_id', '=', receipt)
    .executeTakeFirst()
  return row === undefined ? null : { body: row.body, contentType: row.content_type }
}

/** Lets a quarantined body start a run after all, or puts it away for good. */
export async function decideQuarantine(
  tx: Tx,
  ctx: Context,
  receipt: string,
  act: 'release' | 'discard',
): Promise<Receipt> {
  const { numUpdatedRows } = await tx
    .updateTable('receipt')
    .set({ state: act === 'release' ? 'accepted' : 'discarded' })
    .where('tenant_id', '=', ctx.tenant)
    .where('id', '=', receipt)
    .where('state', '=', 'quarantined')
    .executeTakeFirst()
  const now = await findReceipt(tx, ctx, receipt)
  if (numUpdatedRows === 0n) throw new Fault('conflict', `This receipt is ${now.status}, not in quarantine.`)
  if (act === 'release') await tx.updateTable('inbox').set({ held: false }).where('receipt_id', '=', receipt).execute()
  await append(tx, { ...ctx, correlation: receipt }, [
    act === 'release'
      ? quarantineReleased(receipt, { run: sisterId('run', receipt) })
      : quarantineDiscarded(receipt, {}),
  ])
  const { status, run, error } = now
  return { receipt, status, run, error }
}
