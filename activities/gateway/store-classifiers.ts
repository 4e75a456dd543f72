import { sql } from 'kysely'
import { append } from '#activities/audit/store.ts'
import { person } from '#activities/automation/store-draft.ts'
import type { Tx } from '#activities/database.ts'
import { pageOfRows, type Page, type PageAsked } from '#activities/paging.ts'
import type { Seal } from '#activities/seal.ts'
import { Fault } from '#schemas/errors.ts'
import { choose, foundOf } from '#schemas/gateway/classifier/found.ts'
import type { Made } from '#schemas/gateway/classifier/made.ts'
import { score } from '#schemas/gateway/classifier/score.ts'
import {
  classifierDeleted,
  classifierFailed,
  classifierPublished,
  classifierRequested,
  classifierTrained,
  classifierWithdrawn,
  type Classifier,
} from '#schemas/gateway/classifiers.ts'
import { newId } from '#schemas/ids.ts'
import type { Context } from '#schemas/tenancy.ts'

type Tenant = Pick<Context, 'tenant'>

/** As a message, where it is known to be one of the table that was given. */
const aboutOutcomes = (tenant: string, id: string): string => `outcomes ${tenant} ${id}`

const classifiers = (tx: Tx, { tenant }: Tenant) =>
  tx
    .selectFrom('gateway_classifier')
    .select(['id', 'tenant_id', 'number', 'state', 'notes', 'rows', 'failure', 'found', 'chosen', 'in_force_since'])
    .select(['asked_by', 'asked_by_kind', 'asked_by_name', 'created_at', 'closed_at'])
    .where('tenant_id', '=', tenant)

type Row = Awaited<ReturnType<ReturnType<typeof classifiers>['executeTakeFirstOrThrow']>>

const toClassifier = ({ chosen, in_force_since: since, ...row }: Row): Classifier => ({
  id: row.id,
  number: row.number,
  state: row.state,
  notes: row.notes,
  rows: row.rows,
  failure: row.failure,
  found: row.found,
  inForce: chosen === null || since === null ? null : { ...chosen, since: since.toISOString() },
  by: person(row.asked_by, row.asked_by_name),
  createdAt: row.created_at.toISOString(),
  closedAt: row.closed_at?.toISOString() ?? null,
})

/** A page of classifiers, newest first. */
export async function listClassifiers(tx: Tx, ctx: Tenant, page: PageAsked): Promise<Page<Classifier>> {
  let query = classifiers(tx, ctx)
  if (page.cursor !== undefined) query = query.where('id', '<', page.cursor)
  const { rows, next } = await pageOfRows(query.orderBy('id', 'desc'), page.limit, (row) => row.id)
  return { items: rows.map(toClassifier), next }
}

const found = async (tx: Tx, ctx: Tenant, id: string, hold = false): Promise<Row> => {
  const query = classifiers(tx, ctx).where('id', '=', id)
  const row = await (hold ? query.forUpdate() : query).executeTakeFirst()
  if (row === undefined) throw new Fault('not_found')
  return row
}

export const findClassifier = async (tx: Tx, ctx: Tenant, id: string): Promise<Classifier> =>
  toClassifier(await found(tx, ctx, id))

type Wish = { outcomes: string; rows: number; notes: string }

/** Writes down what is to be trained; Temporal is told afterwards. */
export async function requestClassifier(tx: Tx, ctx: Context, seal: Seal, wish: Wish): Promise<Classifier> {
  const id = newId('classifier')
  // two at once are not to get one number
  await sql`select pg_advisory_xact_lock(hashtextextended(${`classifier ${ctx.tenant}`}, 0))`.execute(tx)
  const { last } = await tx
    .selectFrom('gateway_classifier')
    .select((e) => e.fn.max('number').as('last'))
    .where('tenant_id', '=', ctx.tenant)
    .executeTakeFirstOrThrow()
  const number = (last ?? 0) + 1
  await tx
    .insertInto('gateway_classifier')
    .values({
      id,
      tenant_id: ctx.tenant,
      number,
      notes: wish.notes,
      rows: wish.rows,
      outcomes: seal.close(wish.outcomes, aboutOutcomes(ctx.tenant, id)),
      asked_by: ctx.actor.id,
      asked_by_kind: ctx.actor.kind,
      asked_by_name: ctx.actor.name ?? null,
    })
    .execute()
  await append(tx, ctx, [classifierRequested(id, { number, rows: wish.rows })], 0)
  return findClassifier(tx, ctx, id)
}

/** What a classifier is to be trained with; null where that is over, or nobody wants it any more. */
export async function openTraining(
  tx: Tx,
  { tenant }: Tenant,
  seal: Seal,
  id: string,
): Promise<(Row & { outcomes: string }) | null> {
  const row = await classifiers(tx, { tenant }).select('outcomes').where('id', '=', id).executeTakeFirst()
  if (row === undefined || row.state !== 'training' || row.outcomes === null) return null
  return { ...row, outcomes: seal.open(row.outcomes, aboutOutcomes(tenant, id)) }
}

/** Writes down what came of a training, once. */
export async function closeTraining(tx: Tx, ctx: Context, id: string, made: Made | { why: string }): Promise<void> {
  const row = await classifiers(tx, ctx).where('id', '=', id).forUpdate().executeTakeFirst()
  if (row === undefined || row.state !== 'training') return
  const { number } = row
  const came =
    'why' in made
      ? ({ state: 'failed', failure: made.why } as const)
      : ({
          state: 'ready',
          model: JSON.stringify(made.model),
          scored: JSON.stringify(made.scored),
          found: JSON.stringify(foundOf(made.model, made.scored)),
        } as const)
  await tx
    .updateTable('gateway_classifier')
    .set({ ...came, outcomes: null, closed_at: new Date() })
    .where('id', '=', id)
    .execute()
  await append(tx, ctx, [
    'why' in made ? classifierFailed(id, { number, why: made.why }) : classifierTrained(id, { number }),
  ])
}

/** What is kept of one that is ready. */
const kept = async (tx: Tx, ctx: Tenant, { id, state, failure }: Row): Promise<Made> => {
  if (state === 'training') throw new Fault('not_possible', 'It is being trained.')
  const row = await tx
    .selectFrom('gateway_classifier')
    .select(['model', 'scored'])
    .where('tenant_id', '=', ctx.tenant)
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  if (row.model === null || row.scored === null)
    throw new Fault('not_possible', `It could not be trained: ${failure ?? ''}`)
  return { model: row.model, scored: row.scored }
}

/** Puts a classifier in force for what is asked of it, in place of the one before. */
export async function publishClassifier(tx: Tx, ctx: Context, id: string, retained: number): Promise<Classifier> {
  const row = await found(tx, ctx, id, true)
  const { model, scored } = await kept(tx, ctx, row)
  const chosen = choose(model, scored, retained)
  // those who put two in force at once go one after the other
  await sql`select pg_advisory_xact_lock(hashtextextended(${`classifier ${ctx.tenant}`}, 0))`.execute(tx)
  await tx
    .updateTable('gateway_classifier')
    .set({ in_force_since: null, chosen: null })
    .where('tenant_id', '=', ctx.tenant)
    .where('id', '!=', id)
    .where('in_force_since', 'is not', null)
    .execute()
  await tx
    .updateTable('gateway_classifier')
    .set({ in_force_since: new Date(), chosen: JSON.stringify(chosen) })
    .where('tenant_id', '=', ctx.tenant)
    .where('id', '=', id)
    .execute()
  await append(tx, ctx, [classifierPublished(id, { number: row.number, retained, threshold: chosen.threshold })])
  return findClassifier(tx, ctx, id)
}

/** Takes a classifier out of force. */
export async function withdrawClassifier(tx: Tx, ctx: Context, id: string): Promise<Classifier> {
  const row = await found(tx, ctx, id, true)
  if (row.in_force_since === null) throw new Fault('not_possible', 'It is not in force.')
  await tx
    .updateTable('gateway_classifier')
    .set({ in_force_since: null, chosen: null })
    .where('tenant_id', '=', ctx.tenant)
    .where('id', '=', id)
    .execute()
  await append(tx, ctx, [classifierWithdrawn(id, { number: row.number })])
  return findClassifier(tx, ctx, id)
}

/** Deletes a classifier, with what it is being trained with. */
export async function deleteClassifier(tx: Tx, ctx: Context, id: string): Promise<void> {
  const row = await found(tx, ctx, id, true)
  if (row.in_force_since !== null) throw new Fault('not_possible', 'It is in force. Take it out of force first.')
  await tx.deleteFrom('gateway_classifier').where('tenant_id', '=', ctx.tenant).where('id', '=', id).execute()
  await append(tx, ctx, [classifierDeleted(id, { number: row.number })])
}

/** What a classifier says of a prompt. */
export async function scorePrompt(tx: Tx, ctx: Tenant, id: string, asked: { prompt: string; task: string }) {
  const row = await found(tx, ctx, id)
  const { model } = await kept(tx, ctx, row)
  const easy = score(model, asked.prompt, asked.task)
  const suffices = row.chosen === null ? null : row.chosen.threshold !== null && easy >= row.chosen.threshold
  return { easy, suffices }
}
