import { createHash } from 'node:crypto'
import type { Selectable } from 'kysely'
import { append } from '#activities/audit/store.ts'
import { storable, type Tx } from '#activities/database.ts'
import type { Definition } from '#schemas/automation/definition.ts'
import { automationDraftSaved } from '#schemas/automation/index.ts'
import { canonical } from '#schemas/automation/json.ts'
import { Fault } from '#schemas/errors.ts'
import type { AutomationTable } from '#schemas/tables/automation.ts'
import type { Context } from '#schemas/tenancy.ts'

/** The content hash of a document: of its canonical text, so that the order of fields makes no other version. */
export const contentHash = (definition: Definition): string =>
  createHash('sha256').update(canonical(definition)).digest('hex')

/** Somebody, as they are shown: a name where there is one. */
export const person = (who: string, name: string | null): { id: string; name: string } => ({
  id: who,
  name: name ?? who,
})

export type DraftRow = Selectable<AutomationTable>

/** The whole row of an automation, to read its draft. */
export async function findDraft(tx: Tx, ctx: Pick<Context, 'tenant'>, ref: string): Promise<DraftRow> {
  return taken(await draftsAt(tx, ctx, ref).executeTakeFirst())
}

/** The same, held until the transaction ends: of two who write, the second sees what the first has written. */
export async function takeDraft(tx: Tx, ctx: Pick<Context, 'tenant'>, ref: string): Promise<DraftRow> {
  const row = taken(await draftsAt(tx, ctx, ref).forUpdate().executeTakeFirst())
  if (row.archived_at !== null) throw new Fault('automation_archived', 'Take it back before you change it.')
  return row
}

/** Automations by id or handle, with what is drawn of them. */
export const draftsAt = (tx: Tx, ctx: Pick<Context, 'tenant'>, ref: string) =>
  tx
    .selectFrom('automation')
    .selectAll()
    .where('tenant_id', '=', ctx.tenant)
    .where((e) => e.or([e('id', '=', ref), e('handle', '=', ref)]))

const taken = (row: DraftRow | undefined): DraftRow => {
  if (row === undefined) throw new Fault('not_found')
  return row
}

/** The columns of a draft that this document is. */
export const draftOf = (ctx: Context, definition: Definition) => ({
  name: definition.name,
  description: definition.description ?? '',
  draft: JSON.stringify(definition),
  draft_version: contentHash(definition),
  draft_by: ctx.actor.id,
  draft_by_name: ctx.actor.name ?? null,
})

/** Refuses a revision that is not the newest, with what is saved, so that the two can be put together. */
export function refuseStale(row: DraftRow, revision: number): void {
  if (row.draft_revision === revision) return
  const by = person(row.draft_by, row.draft_by_name)
  throw new Fault('draft_conflict', `${by.name} has saved since: this is revision ${row.draft_revision} now.`, {
    revision: row.draft_revision,
    definition: row.draft,
    by,
  })
}

/** Saves of one person are told of once, until one comes after a pause of this length, in ms. */
const sitting = 10 * 60_000

/** Saves the draft over the revision it was made from. What says the same as is saved makes no new revision. */
export async function saveDraft(
  tx: Tx,
  ctx: Context,
  ref: string,
  { definition, revision }: { definition: Definition; revision: number },
): Promise<{ revision: number; savedAt: string }> {
  const row = await takeDraft(tx, ctx, ref)
  refuseStale(row, revision)
  const clean = storable(definition)
  if (JSON.stringify(clean) === JSON.stringify(row.draft))
    return { revision: row.draft_revision, savedAt: row.draft_saved_at.toISOString() }
  const saved = await writeDraft(tx, ctx, row, clean)
  if (beginsSitting(row, ctx)) await append(tx, ctx, [automationDraftSaved(row.id, { revision: saved.revision })])
  return saved
}

/** Writes the draft of a row that is taken. */
export async function writeDraft(
  tx: Tx,
  ctx: Context,
  row: DraftRow,
  definition: Definition,
): Promise<{ revision: number; savedAt: string }> {
  const at = new Date()
  const next = row.draft_revision + 1
  await tx
    .updateTable('automation')
    .set({ ...draftOf(ctx, definition), draft_revision: next, draft_saved_at: at, updated_at: at })
    .where('tenant_id', '=', ctx.tenant)
    .where('id', '=', row.id)
    .execute()
  return { revision: next, savedAt: at.toISOString() }
}

const beginsSitting = (row: DraftRow, ctx: Context): boolean =>
  row.draft_revision === 1 ||
  row.draft_by !== ctx.actor.id ||
  Date.now() - row.draft_saved_at.getTime() > sitting ||
  (row.published_at !== null && row.published_at >= row.draft_saved_at)
