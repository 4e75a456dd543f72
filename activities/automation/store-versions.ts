import { sql, type ExpressionBuilder, type Selectable } from 'kysely'
import { listDeciders } from '#activities/approvals/store-list.ts'
import { append } from '#activities/audit/store.ts'
import { namesOfCredentials } from '#activities/credentials/store.ts'
import type { Tx } from '#activities/database.ts'
import { pageOfRows, type Page, type PageAsked } from '#activities/paging.ts'
import { calledAs, callsOf, type Called } from '#schemas/automation/called.ts'
import type { Definition } from '#schemas/automation/definition.ts'
import { automationPublished, automationRolledBack, type Version } from '#schemas/automation/index.ts'
import type { Problem } from '#schemas/automation/problem.ts'
import { isSound, validate } from '#schemas/automation/validate.ts'
import { Fault } from '#schemas/errors.ts'
import type { AutomationVersionTable } from '#schemas/tables/automation.ts'
import type { Database } from '#schemas/tables/index.ts'
import type { Context } from '#schemas/tenancy.ts'
import { draftsAt, person, refuseStale, takeDraft, writeDraft, type DraftRow } from './store-draft.ts'

/** A version as runs take it. */
export type PublishedVersion = {
  id: string
  handle: string
  name: string
  version: string
  /** 0 for what was only tested. */
  number: number
  definition: Definition
}

type Tenant = Pick<Context, 'tenant'>

/** What triggers start now, by id or handle; null where nothing is published, or the automation is archived. */
export const findPublished = async (tx: Tx, ctx: Tenant, ref: string): Promise<PublishedVersion | null> =>
  toPublished(
    await runnable(tx, ctx, ref)
      .whereRef('v.version', '=', 'a.published')
      .where('a.archived_at', 'is', null)
      .executeTakeFirst(),
  )

/** What was published last of an automation that is archived; null where it is not. */
export const findShelved = async (tx: Tx, ctx: Tenant, ref: string): Promise<PublishedVersion | null> =>
  toPublished(
    await runnable(tx, ctx, ref)
      .whereRef('v.version', '=', 'a.published')
      .where('a.archived_at', 'is not', null)
      .executeTakeFirst(),
  )

/** What a test runs of an automation: what is published, or what is drawn of one that never was; null for none. */
export async function findTestable(tx: Tx, ctx: Tenant, ref: string): Promise<PublishedVersion | null> {
  const published = await findPublished(tx, ctx, ref)
  if (published !== null) return published
  const row = await draftsAt(tx, ctx, ref).where('archived_at', 'is', null).executeTakeFirst()
  if (row === undefined) return null
  const { id, handle, name, draft_version: version, draft: definition } = row
  return { id, handle, name, version, number: 0, definition }
}

/** Any version there ever was, also one that was only tested, by its content hash: what runs of it go on with. */
export const findVersion = async (
  tx: Tx,
  ctx: Tenant,
  ref: string,
  version: string,
): Promise<PublishedVersion | null> =>
  toPublished(await runnable(tx, ctx, ref).where(isVersion(version)).executeTakeFirst())

export const isArchived = async (tx: Tx, ctx: Tenant, automation: string): Promise<boolean> =>
  (await tx
    .selectFrom('automation')
    .select('id')
    .where('tenant_id', '=', ctx.tenant)
    .where('id', '=', automation)
    .where('archived_at', 'is not', null)
    .executeTakeFirst()) !== undefined

/** The nodes that a version marks as minor. */
export async function findMinorNodes(tx: Tx, ctx: Tenant, automation: string, version: string): Promise<string[]> {
  const nodes = sql<string[]>`jsonb_path_query_array(definition::jsonb, '$.nodes[*] ? (@.importance == "minor").id')`
  const row = await versions(tx, ctx, automation)
    .where('version', '=', version)
    .select(nodes.as('nodes'))
    .executeTakeFirst()
  return row?.nodes ?? []
}

type Runnable = Omit<PublishedVersion, 'name' | 'number'> & { number: number | null }

const toPublished = (row: Runnable | undefined): PublishedVersion | null =>
  row === undefined ? null : { ...row, number: row.number ?? 0, name: row.definition.name }

const runnable = (tx: Tx, ctx: Tenant, ref: string) =>
  tx
    .selectFrom('automation as a')
    .innerJoin('automation_version as v', (join) =>
      join.onRef('v.tenant_id', '=', 'a.tenant_id').onRef('v.automation_id', '=', 'a.id'),
    )
    .select(['a.id', 'a.handle', 'v.version', 'v.number', 'v.definition'])
    .where('a.tenant_id', '=', ctx.tenant)
    .where((e) => e.or([e('a.id', '=', ref), e('a.handle', '=', ref)]))

type VersionRow = Selectable<AutomationVersionTable>

const toVersion = (row: Omit<VersionRow, 'definition'>, published: string | null): Version => ({
  version: row.version,
  number: row.number ?? 0,
  notes: row.notes,
  at: row.made_at.toISOString(),
  by: person(row.made_by, row.made_by_name),
  published: row.version === published,
})

const versions = (tx: Tx, ctx: Tenant, automation: string) =>
  tx
    .selectFrom('automation_version as v')
    .where('v.tenant_id', '=', ctx.tenant)
    .where('v.automation_id', '=', automation)

/** A page of versions, newest first. */
export async function listVersions(
  tx: Tx,
  ctx: Context,
  { id, published }: { id: string; published: string | null },
  page: PageAsked,
): Promise<Page<Version>> {
  let query = versions(tx, ctx, id).selectAll().where('number', 'is not', null)
  if (page.cursor !== undefined) query = query.where('number', '<', numberOf(page.cursor))
  const { rows, next } = await pageOfRows(query.orderBy('number', 'desc'), page.limit, (row) => String(row.number))
  return { items: rows.map((row) => toVersion(row, published)), next }
}

const isNumber = (text: string): boolean => /^\d{1,9}$/.test(text)

/** By content hash or number. */
const isVersion = (which: string) => (e: ExpressionBuilder<Database & { v: AutomationVersionTable }, 'v'>) =>
  isNumber(which) ? e('v.number', '=', Number(which)) : e('v.version', '=', which)

const numberOf = (cursor: string): number => {
  if (!isNumber(cursor)) throw new Fault('bad_request', 'cursor: is not one that this list gave')
  return Number(cursor)
}

/** A version of an automation, by content hash or number. */
export async function readVersion(
  tx: Tx,
  ctx: Context,
  { id, published }: { id: string; published: string | null },
  which: string,
): Promise<Version & { definition: Definition }> {
  const row = await versions(tx, ctx, id).selectAll().where(isVersion(which)).executeTakeFirst()
  if (row === undefined) throw new Fault('not_found', 'There is no such version.')
  return { ...toVersion(row, published), definition: row.definition }
}

/** Ids and handles of what subflows may name: all that is published, and the automation itself; in a test all there is. */
async function namesOfCallable(tx: Tx, ctx: Tenant, own: string, testing: boolean): Promise<string[]> {
  const rows = await tx
    .selectFrom('automation')
    .select(['id', 'handle'])
    .where('tenant_id', '=', ctx.tenant)
    .where('archived_at', 'is', null)
    .where((e) => (testing ? e.val(true) : e.or([e('published', 'is not', null), e('id', '=', own)])))
    .execute()
  return rows.flatMap(({ id, handle }) => [id, handle])
}

/** What the steps of a document call, as it is at this moment. */
const calledBy = async (
  tx: Tx,
  ctx: Tenant,
  definition: Definition,
  testing: boolean,
): Promise<Record<string, Called | null>> => {
  const found: Record<string, Called | null> = {}
  for (const call of callsOf(definition)) {
    const { automation, version } = call
    const latest = testing ? findTestable : findPublished
    const one = version === null ? await latest(tx, ctx, automation) : await findVersion(tx, ctx, automation, version)
    const input = one?.definition.input
    found[calledAs(call)] = one === null ? null : { title: one.name, ...(input === undefined ? {} : { input }) }
  }
  return found
}

/** What is wrong with a document in this tenant; a test may lean on what is drawn and was never published. */
export const problemsOf = async (
  tx: Tx,
  ctx: Tenant,
  id: string,
  definition: Definition,
  { publishing = false, testing = false } = {},
): Promise<Problem[]> =>
  validate(definition, {
    automations: await namesOfCallable(tx, ctx, id, testing),
    called: await calledBy(tx, ctx, definition, testing),
    credentials: await namesOfCredentials(tx, ctx, { keep: publishing }),
    // a test asks whoever began it, beside those who are named
    ...(testing ? {} : { people: (await listDeciders(tx, ctx)).map(({ id }) => id) }),
  })

/**
 * Publishes the draft. One that says the same as a version there is becomes no second one: that version is answered, and
 * published again where another had been since. `draft_conflict`, `automation_invalid` with what is wrong.
 */
export async function publish(
  tx: Tx,
  ctx: Context,
  ref: string,
  { revision, notes }: { revision: number; notes: string },
): Promise<Version> {
  const row = await takeDraft(tx, ctx, ref)
  refuseStale(row, revision)
  const problems = await problemsOf(tx, ctx, row.id, row.draft, { publishing: true })
  if (!isSound(problems)) {
    const [first] = problems.filter(({ level }) => level === 'error')
    throw new Fault('automation_invalid', first?.message, { problems })
  }
  const made = await versionFor(tx, ctx, row, notes)
  if (row.published === made.version) return toVersion(made, made.version)
  await point(tx, ctx, row.id, made.version)
  await append(tx, ctx, [
    automationPublished(row.id, { version: made.version, number: made.number ?? 0, notes: made.notes }),
  ])
  return toVersion(made, made.version)
}

/** The version that the draft is, made where there is none; what was tested before gets its number now. */
async function versionFor(tx: Tx, ctx: Context, row: DraftRow, notes: string): Promise<VersionRow> {
  const known = await versions(tx, ctx, row.id).selectAll().where('version', '=', row.draft_version).executeTakeFirst()
  if (known !== undefined && known.number !== null) return known
  const { last } = await versions(tx, ctx, row.id)
    .select((e) => e.fn.coalesce(e.fn.max('number'), sql<number>`0`).as('last'))
    .executeTakeFirstOrThrow()
  const published = { number: last + 1, notes, made_at: new Date(), ...madeBy(ctx) }
  return tx
    .insertInto('automation_version')
    .values({ ...published, ...versionKey(ctx, row.id, row.draft_version), definition: JSON.stringify(row.draft) })
    .onConflict((it) => it.columns(['tenant_id', 'automation_id', 'version']).doUpdateSet(published))
    .returningAll()
    .executeTakeFirstOrThrow()
}

export const madeBy = ({ actor }: Context) => ({ made_by: actor.id, made_by_name: actor.name ?? null })
export const versionKey = (ctx: Tenant, automation: string, version: string) => ({
  tenant_id: ctx.tenant,
  automation_id: automation,
  version,
})

const point = async (tx: Tx, ctx: Context, id: string, version: string): Promise<void> => {
  const at = new Date()
  await tx
    .updateTable('automation')
    .set({
      published: version,
      published_at: at,
      published_by: ctx.actor.id,
      published_by_name: ctx.actor.name ?? null,
      updated_at: at,
    })
    .where('tenant_id', '=', ctx.tenant)
    .where('id', '=', id)
    .execute()
}

const isGone = (code: Problem['code']): boolean =>
  code === 'credential_missing' || code === 'unknown_automation' || code === 'unknown_operation'

/** Makes an earlier version the published one again; with `draft`, what is drawn goes back to it too. */
export async function rollBack(
  tx: Tx,
  ctx: Context,
  ref: string,
  which: string,
  { draft }: { draft: boolean },
): Promise<Version> {
  const row = await takeDraft(tx, ctx, ref)
  const { definition, ...version } = await readVersion(tx, ctx, row, which)
  // rules grow stricter with time, and who goes back is in a hurry: only what is gone stands in the way
  const gone = (await problemsOf(tx, ctx, row.id, definition, { publishing: true })).filter(({ code }) => isGone(code))
  if (gone.length > 0) throw new Fault('automation_invalid', gone[0]?.message, { problems: gone })
  const takesOver = draft && row.draft_version !== version.version
  if (takesOver) await writeDraft(tx, ctx, row, definition)
  if (row.published !== version.version) await point(tx, ctx, row.id, version.version)
  if (takesOver || row.published !== version.version)
    await append(tx, ctx, [
      automationRolledBack(row.id, { version: version.version, number: version.number, from: row.published, draft }),
    ])
  return { ...version, published: true }
}
