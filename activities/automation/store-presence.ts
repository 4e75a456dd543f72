import { sql } from 'kysely'
import type { Tx } from '#activities/database.ts'
import { presentFor, type Present } from '#schemas/automation/presence.ts'
import type { LiveRow } from '#schemas/live.ts'
import type { Context } from '#schemas/tenancy.ts'
import { findAutomation } from './store.ts'

/** Rows of those who left stay so long, so that every reader is told, in ms. */
const toldFor = presentFor * 4

const ago = (ms: number) => sql<Date>`now() - ${ms} * interval '1 millisecond'`

/** Keeps where somebody is; who has left is shown no more at once. */
export async function sayPresent(
  tx: Tx,
  ctx: Context,
  ref: string,
  { screen, node, left }: { screen: string; node: string | null; left: boolean },
): Promise<void> {
  const { id } = await findAutomation(tx, ctx, ref)
  const seen = { name: ctx.actor.name ?? ctx.actor.id, node, seen_at: left ? ago(presentFor) : sql<Date>`now()` }
  await tx
    .insertInto('automation_presence')
    .values({ tenant_id: ctx.tenant, automation_id: id, screen, user_id: ctx.actor.id, ...seen })
    // a screen is one person's: somebody else cannot move it
    .onConflict((at) =>
      at
        .columns(['tenant_id', 'automation_id', 'screen'])
        .doUpdateSet(seen)
        .where('automation_presence.user_id', '=', ctx.actor.id),
    )
    .execute()
  await tx
    .deleteFrom('automation_presence')
    .where('tenant_id', '=', ctx.tenant)
    .where('automation_id', '=', id)
    .where('seen_at', '<', ago(toldFor))
    .execute()
}

/** Who is at an automation; with `since` also who has left of late, as rows to be taken away. */
export const readPresence =
  (automation: string) =>
  async (tx: Tx, ctx: Context, since: string | null): Promise<LiveRow[]> => {
    const rows = await tx
      .selectFrom('automation_presence')
      .select(['screen', 'user_id', 'name', 'node'])
      .select(sql<boolean>`seen_at > ${ago(presentFor)}`.as('here'))
      .where('tenant_id', '=', ctx.tenant)
      .where('automation_id', '=', automation)
      .orderBy('screen')
      .execute()
    return rows.flatMap(({ screen, user_id: user, name, node, here }): LiveRow[] => {
      if (here) return [{ id: screen, user, name, node } satisfies Present]
      return since === null ? [] : [{ id: screen, deleted: true }]
    })
  }
