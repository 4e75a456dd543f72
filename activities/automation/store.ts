import { sql, type Selectable } from 'kysely'
import { append, isUniqueViolation } from '#activities/audit/store.ts'
import { storable, type Tx } from '#activities/database.ts'
import { holding } from '#activities/runs/store-search.ts'
import { pageOfRows, type Page, type PageAsked } from '#activities/paging.ts'
import type { Definition } from '#schemas/automation/definition.ts'
import {
  automationArchived,
  automationCreated,
  automationRestored,
  type Automation,
} from '#schemas/automation/index.ts'
import { Fault } from '#schemas/errors.ts'
import { newId } from '#schemas/ids.ts'
import type { AutomationTable } from '#schemas/tables/automation.ts'
import type { Context } from '#schemas/tenancy.ts'
import { draftOf, person } from './store-draft.ts'
import { publish } from './store-versions.ts'

export { findPublished, findVersion, type PublishedVersion } from './store-versions.ts'

type Row = Selectable<AutomationTable>
type Shown = Omit<Row, 'draft' | 'search'> & { number: number | null; notes: string | null }

export const toAutomation = (row: Shown): Automation => ({
  id: row.id,
  handle: row.handle,
  name: row.name,
  description: row.description,
  published:
    row.published === null || row.published_at === null
      ? null
      : {
          version: row.published,
          number: row.number ?? 0,
          at: row.published_at.toISOString(),
          by: person(row.published_by ?? '', row.published_by_name),
          notes: row.notes ?? '',
        },
  draft: {
    revision: row.draft_revision,
    changed: row.draft_version !== row.published,
    savedAt: row.draft_saved_at.toISOString(),
    by: person(row.draft_by, row.draft_by_name),
  },
  archivedAt: row.archived_at?.toISOString() ?? null,
  updatedAt: row.updated_at.toISOString(),
})

/** All of an automation that lists show, with its published version; not its document. */
export const automations = (tx: Tx, ctx: Pick<Context, 'tenant'>) =>
  tx
    .selectFrom('automation as a')
    .leftJoin('automation_version as v', (join) =>
      join
        .onRef('v.tenant_id', '=', 'a.tenant_id')
        .onRef('v.automation_id', '=', 'a.id')
        .onRef('v.version', '=', 'a.published'),
    )
    .select([
      'a.id',
      'a.tenant_id',
      'a.handle',
      'a.name',
      'a.description',
      'a.draft_version',
      'a.draft_revision',
      'a.draft_saved_at',
      'a.draft_by',
      'a.draft_by_name',
      'a.published',
      'a.published_at',
      'a.published_by',
      'a.published_by_name',
      'a.archived_at',
      'a.created_at',
      'a.updated_at',
      'a.changed',
      'v.number',
      'v.notes',
    ])
    .where('a.tenant_id', '=', ctx.tenant)

export async function findAutomation(tx: Tx, ctx: Context, ref: string): Promise<Automation> {
  const row = await automations(tx, ctx)
    .where((e) => e.or([e('a.id', '=', ref), e('a.handle', '=', ref)]))
    .executeTakeFirst()
  if (row === undefined) throw new Fault('not_found')
  return toAutomation(row)
}

export type AutomationFilter = PageAsked & {
  text?: string | undefined
  archived: boolean
}

/** A page of automations, newest first; `text` matches handle, name and description, each word of it. */
export async function listAutomations(tx: Tx, ctx: Context, filter: AutomationFilter): Promise<Page<Automation>> {
  let query = automations(tx, ctx).where('a.archived_at', filter.archived ? 'is not' : 'is', null)
  for (const word of holding(sql.ref('a.search'), filter.text)) query = query.where(word)
  if (filter.cursor !== undefined) query = query.where('a.id', '<', storable(filter.cursor))
  const { rows, next } = await pageOfRows(query.orderBy('a.id', 'desc'), filter.limit, (row) => row.id)
  return { items: rows.map(toAutomation), next }
}

export type NewAutomation = {
  /** The address it asks for; one that is free is made of the name otherwise. */
  handle?: string | undefined
  /** What that is made of in place of the name. */
  wish?: string
  name: string
  definition: Definition
  /** Published at once: what the platform itself installs. */
  publish?: boolean
  /** Which automation it was copied from. */
  from?: string
}

/** Creates an automation with this draft; gives its id. `already_exists` where the handle is taken. */
export async function createAutomation(tx: Tx, ctx: Context, made: NewAutomation): Promise<string> {
  const id = newId('automation')
  const definition = storable({ ...made.definition, name: made.name })
  const handle = made.handle ?? (await freeHandle(tx, ctx, made.wish ?? made.name))
  try {
    await tx
      .insertInto('automation')
      .values({
        id,
        tenant_id: ctx.tenant,
        handle,
        ...draftOf(ctx, definition),
      })
      .execute()
  } catch (error) {
    if (isUniqueViolation(error)) throw new Fault('already_exists', `There is an automation at “${handle}” already.`)
    throw error
  }
  await append(tx, ctx, [automationCreated(id, { handle, name: definition.name, from: made.from ?? null })])
  if (made.publish === true) await publish(tx, ctx, id, { revision: 1, notes: '' })
  return id
}

/** `Lead response` → `lead-response`, `lead-response-2`, …: the first that is free. */
async function freeHandle(tx: Tx, ctx: Context, name: string): Promise<string> {
  const base =
    name
      .normalize('NFKD')
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^[^a-z]+|-+$/g, '')
      .slice(0, 48)
      .replace(/-+$/, '') || 'automation'
  const wish = base.length < 2 || base === 'schema' ? `${base}-1` : base
  const rows = await tx
    .selectFrom('automation')
    .select('handle')
    .where('tenant_id', '=', ctx.tenant)
    .where((e) => e(sql<string>`left(handle, ${wish.length})`, '=', wish))
    .execute()
  const taken = new Set(rows.map((row) => row.handle))
  for (let n = 1; ; n++) {
    const handle = n === 1 ? wish : `${wish}-${n}`
    if (!taken.has(handle)) return handle
  }
}

/** Puts an automation away, or takes it back; one that is there already stays as it is. */
export async function setArchived(tx: Tx, ctx: Context, ref: string, archived: boolean): Promise<Automation> {
  const { id } = await findAutomation(tx, ctx, ref)
  const { numUpdatedRows } = await tx
    .updateTable('automation')
    .set({ archived_at: archived ? new Date() : null, updated_at: new Date() })
    .where('tenant_id', '=', ctx.tenant)
    .where('id', '=', id)
    .where('archived_at', archived ? 'is' : 'is not', null)
    .executeTakeFirst()
  if (numUpdatedRows > 0n) await append(tx, ctx, [archived ? automationArchived(id, {}) : automationRestored(id, {})])
  return findAutomation(tx, ctx, id)
}
