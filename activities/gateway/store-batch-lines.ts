import { sql, type Selectable } from 'kysely'
import { asTenant, withTenant, type Databases, type Tx } from '#activities/database.ts'
import type { Seal } from '#activities/seal.ts'
import type { Line } from '#schemas/gateway/batch-lines.ts'
import { resultLine, type ResultLine } from '#schemas/gateway/batch-results.ts'
import type { ModelBatchRun } from '#schemas/gateway/batches.ts'
import type { GatewayBatchLineTable } from '#schemas/tables/gateway-batches.ts'

export type LineRow = Selectable<GatewayBatchLineTable>
type Ended = 'succeeded' | 'errored'

const aboutLine = (batch: string, n: number, what: 'asked' | 'answer'): string => `gateway_batch ${batch} ${n} ${what}`

/** Adds lines, the first of them as number `from`; those that are there already stay as they are. */
export async function addLines(
  tx: Tx,
  seal: Seal,
  { tenant, batch }: ModelBatchRun,
  lines: readonly Line[],
  from: number,
): Promise<void> {
  if (lines.length === 0) return
  const rows = lines.map(({ custom, body }, at) => ({
    batch_id: batch,
    n: from + at,
    tenant_id: tenant,
    custom_id: custom,
    asked: seal.close(body, aboutLine(batch, from + at, 'asked')),
  }))
  await tx
    .insertInto('gateway_batch_line')
    .values(rows)
    .onConflict((on) => on.columns(['batch_id', 'n']).doNothing())
    .execute()
}

/** A line that is to be asked now. */
export type Claimed = { n: number; custom: string; tries: number; body: Buffer }

/**
 * Takes the next lines of a batch that runs. `claim` is whose turn it is: what an earlier one has left unanswered is taken
 * over, since Temporal gives the work to one at a time.
 */
export const claimLines = (
  db: Databases,
  seal: Seal,
  { tenant, batch }: ModelBatchRun,
  claim: string,
  count: number,
): Promise<Claimed[]> =>
  withTenant(db, { tenant }, async (tx) => {
    // materialized: a plan that looks twice would take more than the limit
    const { rows } = await sql<LineRow>`
      with due as materialized (
        select n from gateway_batch_line
        where batch_id = ${batch} and state = 'waiting' and next_at <= now() and claim is distinct from ${claim}
          and exists (select 1 from gateway_batch where id = ${batch} and state = 'running' and expires_at > now())
        order by n limit ${count} for update
      )
      update gateway_batch_line l set claim = ${claim}, tries = tries + 1
      from due
      where l.batch_id = ${batch} and l.n = due.n
      returning l.*`.execute(tx)
    return rows
      .toSorted((a, b) => a.n - b.n)
      .map(({ n, custom_id: custom, tries, asked }) => ({
        n,
        custom,
        tries,
        body: seal.openBytes(asked ?? Buffer.alloc(0), aboutLine(batch, n, 'asked')),
      }))
  })

/** What became of a line that was asked. */
export type Came = { state: Ended; status: number; request: string | null; answer: string }

/** Writes down an answer, once: a line that has one keeps it. Gives whether it was written. */
export const recordLine = (
  db: Databases,
  seal: Seal,
  { tenant, batch, wire }: ModelBatchRun & { wire: 'chat' | 'messages' },
  { n, custom }: Pick<Claimed, 'n' | 'custom'>,
  { state, status, request, answer }: Came,
): Promise<boolean> =>
  withTenant(db, { tenant }, async (tx) => {
    const bytes = Buffer.byteLength(resultLine(wire, { batch, n, custom, state, status, request, answer }))
    const sealed = seal.close(answer, aboutLine(batch, n, 'answer'))
    const written = await tx
      .updateTable('gateway_batch_line')
      .set({ state, status, request_id: request, answer: sealed, bytes, asked: null, claim: null })
      .where('batch_id', '=', batch)
      .where('n', '=', n)
      .where('state', '=', 'waiting')
      .returning('n')
      .execute()
    if (written.length === 0) return false
    await tx
      .updateTable('gateway_batch')
      .set((e) => ({ [state]: e(state, '+', 1) }))
      .where('id', '=', batch)
      .execute()
    return true
  })

/** Puts a line back for a while; `counts` is whether that was one of its tries. */
export async function putBack(
  db: Databases,
  { tenant, batch }: ModelBatchRun,
  n: number,
  waitMs: number,
  counts: boolean,
): Promise<void> {
  await asTenant(db, { tenant })
    .updateTable('gateway_batch_line')
    .set((e) => ({
      claim: null,
      next_at: sql<Date>`now() + ${waitMs} * interval '1 ms'`,
      tries: counts ? e.ref('tries') : e('tries', '-', 1),
    }))
    .where('batch_id', '=', batch)
    .where('n', '=', n)
    .where('state', '=', 'waiting')
    .execute()
}

/** When the next line that waits may be asked, as ms from now; null where none waits. */
export async function nextWait(db: Databases, { tenant, batch }: ModelBatchRun): Promise<number | null> {
  const { ms } = await asTenant(db, { tenant })
    .selectFrom('gateway_batch_line')
    .select(sql<number | null>`(extract(epoch from min(next_at) - now()) * 1000)::float8`.as('ms'))
    .where('batch_id', '=', batch)
    .where('state', '=', 'waiting')
    .executeTakeFirstOrThrow()
  return ms === null ? null : Math.max(0, ms)
}

/** Gives up the lines that wait; gives how many they are. */
export async function giveUp(
  tx: Tx,
  { tenant, batch, wire }: ModelBatchRun & { wire: 'chat' | 'messages' },
  state: 'canceled' | 'expired',
): Promise<number> {
  const left = await tx
    .selectFrom('gateway_batch_line')
    .select(['n', 'custom_id'])
    .where('tenant_id', '=', tenant)
    .where('batch_id', '=', batch)
    .where('state', '=', 'waiting')
    .execute()
  const unsaid = { batch, state, status: null, request: null, answer: null }
  const bytes = left.map(({ n, custom_id: custom }) => Buffer.byteLength(resultLine(wire, { ...unsaid, n, custom })))
  await sql`
    update gateway_batch_line l set state = ${state}, asked = null, claim = null, bytes = given.bytes
    from unnest(${left.map(({ n }) => n)}::int[], ${bytes}::int[]) given(n, bytes)
    where l.batch_id = ${batch} and l.n = given.n`.execute(tx)
  return left.length
}

const ended = sql<boolean>`state <> 'waiting'`

/** How many lines an output has so far, and how many bytes they are; of OpenAI's wire those that went wrong stand apart. */
export async function sizeOf(tx: Tx, batch: string, wrong: boolean | null): Promise<{ lines: number; bytes: number }> {
  let query = tx.selectFrom('gateway_batch_line').where('batch_id', '=', batch).where(ended)
  if (wrong !== null) query = query.where('state', wrong ? '<>' : '=', 'succeeded')
  const { lines, bytes } = await query
    .select([sql<string>`count(*)`.as('lines'), sql<string>`coalesce(sum(bytes), 0)`.as('bytes')])
    .executeTakeFirstOrThrow()
  return { lines: Number(lines), bytes: Number(bytes) }
}

/** The lines of an output from a number on, as they stand in its file. */
export async function someLines(
  db: Databases,
  seal: Seal,
  { tenant, batch }: ModelBatchRun,
  wrong: boolean | null,
  { from, limit }: { from: number; limit: number },
): Promise<{ n: number; text: string; row: LineRow }[]> {
  let query = asTenant(db, { tenant })
    .selectFrom('gateway_batch_line as l')
    .innerJoin('gateway_batch as b', 'b.id', 'l.batch_id')
    .selectAll('l')
    .select('b.wire')
    .where('l.tenant_id', '=', tenant)
    .where('l.batch_id', '=', batch)
    .where('l.n', '>=', from)
    .where('l.state', '<>', 'waiting')
  if (wrong !== null) query = query.where('l.state', wrong ? '<>' : '=', 'succeeded')
  const rows = await query.orderBy('l.n').limit(limit).execute()
  return rows.map((row) => {
    const { n, custom_id: custom, status, request_id: request } = row
    const answer = row.answer === null ? null : seal.open(row.answer, aboutLine(batch, n, 'answer'))
    const state = row.state as ResultLine['state']
    return { n, row, text: resultLine(row.wire, { batch, n, custom, state, status, request, answer }) }
  })
}

/** All lines of an output, in the order in which they were asked for. */
export async function* linesOf(
  db: Databases,
  seal: Seal,
  of: ModelBatchRun,
  wrong: boolean | null,
): AsyncGenerator<{ n: number; text: string }> {
  const limit = 200
  for (let from = 0; ;) {
    const lines = await someLines(db, seal, of, wrong, { from, limit })
    yield* lines
    const last = lines.at(-1)
    if (last === undefined || lines.length < limit) return
    from = last.n + 1
  }
}
