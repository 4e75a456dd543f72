import { sql } from 'kysely'
import type { Tx } from '#activities/database.ts'
import type { RunState } from '#schemas/runs.ts'
import type { Context } from '#schemas/tenancy.ts'

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
