import type { Selectable } from 'kysely'
import { append } from '#activities/audit/store.ts'
import { person } from '#activities/automation/store-draft.ts'
import { storable, type Tx } from '#activities/database.ts'
import { isObject } from '#schemas/automation/json.ts'
import { Fault } from '#schemas/errors.ts'
import { policyDraftSaved } from '#schemas/steering/policies.ts'
import { plainValue, readSource } from '#schemas/steering/source.ts'
import { versionHash } from '#schemas/steering/version.ts'
import type { SteeringPolicyTable } from '#schemas/tables/steering.ts'
import type { Context } from '#schemas/tenancy.ts'

type Tenant = Pick<Context, 'tenant'>
export type DraftRow = Selectable<SteeringPolicyTable>

const rowsOf = (tx: Tx, ctx: Tenant, id: string) =>
  tx.selectFrom('steering_policy').selectAll().where('tenant_id', '=', ctx.tenant).where('id', '=', id)

const found = (row: DraftRow | undefined): DraftRow => {
  if (row === undefined) throw new Fault('not_found')
  return row
}

/** The whole row of a policy, to read its draft. */
export const findDraft = async (tx: Tx, ctx: Tenant, id: string): Promise<DraftRow> =>
  found(await rowsOf(tx, ctx, id).executeTakeFirst())

/** The same, held until the transaction ends: of two who write, the second sees what the first has written. */
export async function takeDraft(tx: Tx, ctx: Tenant, id: string): Promise<DraftRow> {
  const row = found(await rowsOf(tx, ctx, id).forUpdate().executeTakeFirst())
  if (row.archived_at !== null) throw new Fault('policy_archived', 'Take it back before you change it.')
  return row
}

/** The columns of a draft that this text is; what it is called is left out where the text does not say. */
export async function draftOf(ctx: Context, given: string) {
  const draft = storable(given)
  const written = {
    draft,
    draft_version: await versionHash(draft),
    draft_by: ctx.actor.id,
    draft_by_name: ctx.actor.name ?? null,
  }
  const source = readSource(draft)
  const said = source.flaws.length > 0 ? null : plainValue(source)
  if (!isObject(said)) return written
  const { name, description = '' } = said
  return {
    ...written,
    ...(typeof name === 'string' && name.trim() !== '' ? { name: name.slice(0, 200) } : {}),
    ...(typeof description === 'string' ? { description: description.slice(0, 2000) } : {}),
  }
}

/** Refuses a revision that is not the newest, with what is saved, so that the two can be put together. */
export function refuseStale(row: DraftRow, revision: number): void {
  if (row.draft_revision === revision) return
  const by = person(row.draft_by, row.draft_by_name)
  throw new Fault('draft_conflict', `${by.name} has saved since: this is revision ${row.draft_revision} now.`, {
    revision: row.draft_revision,
    text: row.draft,
    by,
  })
}

/** Saves of one person are told of once, until one comes after a pause of this length, in ms. */
const sitting = 10 * 60_000

/** Saves the draft over the revision it was made from. What says the same as is saved makes no new revision. */
export async function saveDraft(
  tx: Tx,
  ctx: Context,
  id: string,
  { text, revision }: { text: string; revision: number },
): Promise<{ revision: number; savedAt: string }> {
  const row = await takeDraft(tx, ctx, id)
  refuseStale(row, revision)
  if (storable(text) === row.draft) return { revision, savedAt: row.draft_saved_at.toISOString() }
  const saved = await writeDraft(tx, ctx, row, text)
  const begins =
    row.draft_revision === 1 || row.draft_by !== ctx.actor.id || Date.now() - row.draft_saved_at.getTime() > sitting
  if (begins) await append(tx, ctx, [policyDraftSaved(id, { revision: saved.revision })])
  return saved
}

/** Writes the draft of a row that is taken. */
export async function writeDraft(
  tx: Tx,
  ctx: Context,
  row: DraftRow,
  text: string,
): Promise<{ revision: number; savedAt: string }> {
  const at = new Date()
  const revision = row.draft_revision + 1
  await tx
    .updateTable('steering_policy')
    .set({ ...(await draftOf(ctx, text)), draft_revision: revision, draft_saved_at: at, updated_at: at })
    .where('tenant_id', '=', ctx.tenant)
    .where('id', '=', row.id)
    .execute()
  return { revision, savedAt: at.toISOString() }
}
