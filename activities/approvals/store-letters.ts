import { append } from '#activities/audit/store.ts'
import type { Tx } from '#activities/database.ts'
import { approvalLetterLost, type Unreached } from '#schemas/approvals.ts'
import { isAsked, type Asked } from '#schemas/approvals-asked.ts'
import type { ErrorCode } from '#schemas/errors.ts'
import type { Context } from '#schemas/tenancy.ts'
import { present, type OfStep } from './store.ts'
import { listDeciders } from './store-list.ts'

/** Why somebody is written to: it is new, still open, handed up to them, or was passed on to them by somebody. */
export type Occasion = 'opened' | 'reminded' | 'handed_up' | { passedOn: number }

type Reader = { id: string; name: string; email: string }

/** An open approval as those are told of it whom it waits for. */
export type Letter = { approval: string; title: string; by: string | null; to: Reader[] }

/**
 * Whom the approval of a step waits for, or would once it is handed up; null where it is not open. Of what is new, and of what is
 * passed on, only those are told who are asked by name: who is asked with all of a role has a list to look at.
 */
export async function findLetter(tx: Tx, ctx: Context, of: OfStep, occasion: Occasion): Promise<Letter | null> {
  const row = await tx
    .selectFrom('approval')
    .select(['id', 'title', 'assignees', 'escalate_to as up', 'delegations'])
    .select(['delegated_by as by', 'delegated_by_name as byName'])
    .where('run_id', '=', of.run)
    .where('run_step', '=', of.step)
    .where('state', '=', 'open')
    // what is being passed on right now is known once it is
    .forShare()
    .executeTakeFirst()
  if (row === undefined) return null
  const passedOn = typeof occasion === 'object'
  if (passedOn && occasion.passedOn !== row.delegations) return null
  const asked = occasion === 'handed_up' && row.up !== null ? await present(tx, ctx, row.up) : row.assignees
  const isTold = (who: { id: string; role: string | null }): boolean => {
    if (passedOn && who.id === row.by) return false
    return passedOn || occasion === 'opened' ? isNamed(asked, who.id) : isAsked(asked, who)
  }
  const people = new Map((await listDeciders(tx, ctx)).filter(isTold).map(({ id, name }) => [id, name]))
  const accounts = tx.selectFrom('user_account').select(['id', 'email']).orderBy('id')
  const found = people.size === 0 ? [] : await accounts.where('id', 'in', [...people.keys()]).execute()
  const to = found.map(({ id, email }) => ({ id, email, name: people.get(id) ?? email }))
  return { approval: row.id, title: row.title, by: passedOn ? (row.byName ?? row.by) : null, to }
}

const isNamed = (asked: Asked, id: string): boolean => asked?.people?.includes(id) === true

export type Lost = Reader & { why: string; code: ErrorCode }

/** Writes down whom a letter did not reach, so that people see it; who was reached now is no longer among them. */
export async function noteLetters(
  tx: Tx,
  ctx: Context,
  run: string,
  { approval, to }: Letter,
  lost: Lost[],
): Promise<void> {
  const row = await tx
    .selectFrom('approval')
    .select('unreached')
    .where('id', '=', approval)
    .forUpdate()
    .executeTakeFirst()
  if (row === undefined) return
  const at = new Date().toISOString()
  const told = new Set(to.map(({ id }) => id))
  const still = Object.entries(row.unreached).filter(([id]) => !told.has(id))
  if (lost.length === 0 && still.length === Object.keys(row.unreached).length) return
  const now = lost.map(({ id, name, why }): [string, Unreached] => [id, { name, why, at }])
  const unreached = JSON.stringify(Object.fromEntries([...still, ...now]))
  await tx.updateTable('approval').set({ unreached }).where('id', '=', approval).execute()
  await append(
    tx,
    ctx,
    lost.map(({ id, code }) => approvalLetterLost(approval, { run, to: id, code })),
  )
}
