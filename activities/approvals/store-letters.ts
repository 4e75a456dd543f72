import type { Tx } from '#activities/database.ts'
import { isAsked } from '#schemas/approvals-asked.ts'
import type { Context } from '#schemas/tenancy.ts'
import { present, type OfStep } from './store.ts'
import { listDeciders } from './store-list.ts'

/** An open approval as those are told of it whom it waits for. */
export type Letter = { approval: string; title: string; to: { id: string; email: string }[] }

/** Whom the approval of a step waits for, or would once it is handed up; null where it is not open. */
export async function findLetter(tx: Tx, ctx: Context, of: OfStep, handedUp: boolean): Promise<Letter | null> {
  const row = await tx
    .selectFrom('approval')
    .select(['id', 'title', 'assignees', 'escalate_to as up'])
    .where('run_id', '=', of.run)
    .where('run_step', '=', of.step)
    .where('state', '=', 'open')
    .executeTakeFirst()
  if (row === undefined) return null
  const asked = handedUp && row.up !== null ? await present(tx, ctx, row.up) : row.assignees
  const people = (await listDeciders(tx, ctx)).filter((one) => isAsked(asked, one)).map(({ id }) => id)
  const to = tx.selectFrom('user_account').select(['id', 'email']).where('id', 'in', people).orderBy('id')
  return { approval: row.id, title: row.title, to: people.length === 0 ? [] : await to.execute() }
}
