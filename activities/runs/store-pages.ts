import { sql } from 'kysely'
import type { Tx } from '#activities/database.ts'
import type { Seed } from '#schemas/automation/engine/input.ts'
import type { RunState } from '#schemas/runs.ts'
import type { Context } from '#schemas/tenancy.ts'
import { findRequest } from './store-request.ts'

/** What never changes of a page: the loop that it is of, and its turns. */
export type PageTurns = { loop: string; within: string; first: number; last: number }

/** The runs that work through loops of a run, page by page, oldest first. */
export const listPages = (tx: Tx, ctx: Context, run: string): Promise<{ id: string; state: RunState }[]> =>
  tx
    .selectFrom('run')
    .select(['id', 'state'])
    .where('tenant_id', '=', ctx.tenant)
    .where('parent_run', '=', run)
    .where('role', '=', 'page')
    .orderBy('requested_at')
    .execute()

/** Which turns pages work through. Their items are unpacked for it, so it is asked once of each. */
export async function turnsOfPages(tx: Tx, ctx: Context, runs: readonly string[]): Promise<Map<string, PageTurns>> {
  if (runs.length === 0) return new Map()
  const { rows } = await sql<PageTurns & { id: string }>`
    with pages as materialized (
      select run_id as id, options->'page' as page from run_request
      where tenant_id = ${ctx.tenant} and run_id = any(${runs}::text[])
    )
    select id, page->>'node' as loop, page->>'iteration' as within, (page->>'from')::int + 1 as first,
      (page->>'from')::int + jsonb_array_length(page->'items') as last
    from pages`.execute(tx)
  return new Map(rows.map(({ id, ...turns }) => [id, turns]))
}

/** What a run goes on from: the run that it repeats, or, of a page, the same page of that one, and what it took over. */
export type GoneOnFrom = { earlier: string; iteration: string; seeds: Record<string, Seed> }

/** Null of a run that begins anew. */
export async function goneOnFrom(tx: Tx, ctx: Context, run: string): Promise<GoneOnFrom | null> {
  const rerunOf = async (of: string) => {
    const found = tx.selectFrom('run').select(['rerun_of', 'parent_run']).where('tenant_id', '=', ctx.tenant)
    return found.where('id', '=', of).executeTakeFirst()
  }
  const row = await rerunOf(run)
  if (row === undefined || (row.rerun_of === null && row.parent_run === null)) return null
  const { seed, page } = (await findRequest(tx, run)).options
  if (page === undefined)
    return row.rerun_of === null || seed === undefined
      ? null
      : { earlier: row.rerun_of, iteration: '0', seeds: seed.nodes }
  const around = page.begun === undefined || row.parent_run === null ? undefined : await rerunOf(row.parent_run)
  if (page.begun === undefined || around?.rerun_of == null) return null
  const pages = await listPages(tx, ctx, around.rerun_of)
  const turns = await turnsOfPages(
    tx,
    ctx,
    pages.map(({ id }) => id),
  )
  const { node, iteration, from } = page
  const [same] = [...turns].filter(([, it]) => it.loop === node && it.within === iteration && it.first === from + 1)
  return same === undefined ? null : { earlier: same[0], iteration, seeds: { [node]: page.begun } }
}
