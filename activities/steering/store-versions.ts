import { sql, type Selectable } from 'kysely'
import { append } from '#activities/audit/store.ts'
import { person } from '#activities/automation/store-draft.ts'
import type { Tx } from '#activities/database.ts'
import { pageOfRows, type Page, type PageAsked } from '#activities/paging.ts'
import { Fault } from '#schemas/errors.ts'
import type { SteeringDocument } from '#schemas/steering/document.ts'
import { policyPublished, policyRolledBack, type PolicyVersion } from '#schemas/steering/policies.ts'
import { validate } from '#schemas/steering/validate.ts'
import type { SteeringVersionTable } from '#schemas/tables/steering.ts'
import type { Context } from '#schemas/tenancy.ts'
import { catalogueOf } from './store-catalogue.ts'
import { everybody, inForce, putInForce, scopeOf } from './store-force.ts'
import { findDraft, refuseStale, takeDraft, writeDraft, type DraftRow } from './store-draft.ts'

type Tenant = Pick<Context, 'tenant'>
type VersionRow = Selectable<SteeringVersionTable>

const versions = (tx: Tx, ctx: Tenant, policy: string) =>
  tx.selectFrom('steering_version').selectAll().where('tenant_id', '=', ctx.tenant).where('policy_id', '=', policy)

const toVersion = (row: VersionRow, published: string | null): PolicyVersion => ({
  version: row.version,
  number: row.number,
  rules: row.rules,
  notes: row.notes,
  at: row.made_at.toISOString(),
  by: person(row.made_by, row.made_by_name),
  published: row.version === published,
})

const isNumber = (text: string): boolean => /^\d{1,9}$/.test(text)

/** A page of versions, newest first. */
export async function listVersions(tx: Tx, ctx: Tenant, policy: string, page: PageAsked): Promise<Page<PolicyVersion>> {
  await findDraft(tx, ctx, policy)
  let query = versions(tx, ctx, policy)
  if (page.cursor !== undefined) {
    if (!isNumber(page.cursor)) throw new Fault('bad_request', 'cursor: is not one that this list gave')
    query = query.where('number', '<', Number(page.cursor))
  }
  const { rows, next } = await pageOfRows(query.orderBy('number', 'desc'), page.limit, (row) => String(row.number))
  const published = await inForce(tx, ctx, policy, everybody)
  return { items: rows.map((row) => toVersion(row, published)), next }
}

/** A version of a policy with its text, by content hash or number. */
export async function readVersion(
  tx: Tx,
  ctx: Tenant,
  policy: string,
  which: string,
): Promise<PolicyVersion & { text: string }> {
  await findDraft(tx, ctx, policy)
  const row = await versions(tx, ctx, policy)
    .where((e) => (isNumber(which) ? e('number', '=', Number(which)) : e('version', '=', which)))
    .executeTakeFirst()
  if (row === undefined) throw new Fault('not_found', 'There is no such version.')
  return { ...toVersion(row, await inForce(tx, ctx, policy, everybody)), text: row.text }
}

/** A text of a policy: `draft`, `published`, or a version by hash or number; with its number, where it has one. */
export async function readText(
  tx: Tx,
  ctx: Tenant,
  policy: string,
  which: string,
): Promise<{ text: string; number: number | null; revision: number | null }> {
  const row = await findDraft(tx, ctx, policy)
  if (which === 'draft') return { text: row.draft, number: null, revision: row.draft_revision }
  const version = which === 'published' ? await inForce(tx, ctx, policy, everybody) : which
  if (version === null) throw new Fault('not_found', 'Nothing is published yet.')
  const { text, number } = await readVersion(tx, ctx, policy, version)
  return { text, number, revision: null }
}

/** The document that a text is, or `policy_invalid` with what is wrong with it. */
export async function soundDocument(tx: Tx, ctx: Tenant, text: string): Promise<SteeringDocument> {
  const { document, problems } = validate(text, await catalogueOf(tx, ctx))
  if (document !== null) return document
  const [first] = problems.filter(({ level }) => level === 'error')
  throw new Fault('policy_invalid', first?.message, { problems })
}

/**
 * Puts the draft in force. One that says the same as a version there is becomes no second one: that version is answered, and
 * is in force again where another had been since.
 */
export async function publish(
  tx: Tx,
  ctx: Context,
  policy: string,
  { revision, notes = '', key }: { revision: number; notes?: string | undefined; key?: string | undefined },
): Promise<PolicyVersion> {
  const row = await takeDraft(tx, ctx, policy)
  refuseStale(row, revision)
  const document = await soundDocument(tx, ctx, row.draft)
  const made = await versionFor(tx, ctx, row, document, notes)
  const scope = await scopeOf(tx, ctx, key)
  if ((await inForce(tx, ctx, policy, scope)) !== made.version) {
    await putInForce(tx, ctx, policy, scope, made.version)
    const told = { version: made.version, number: made.number, key: key ?? null, notes: made.notes }
    await append(tx, ctx, [policyPublished(policy, told)])
  }
  return toVersion(made, await inForce(tx, ctx, policy, everybody))
}

/** The version that the draft is, made where there is none. */
async function versionFor(
  tx: Tx,
  ctx: Context,
  row: DraftRow,
  document: SteeringDocument,
  notes: string,
): Promise<VersionRow> {
  const known = await versions(tx, ctx, row.id).where('version', '=', row.draft_version).executeTakeFirst()
  if (known !== undefined) return known
  const { last } = await tx
    .selectFrom('steering_version')
    .select((e) => e.fn.coalesce(e.fn.max('number'), sql<number>`0`).as('last'))
    .where('tenant_id', '=', ctx.tenant)
    .where('policy_id', '=', row.id)
    .executeTakeFirstOrThrow()
  return tx
    .insertInto('steering_version')
    .values({
      tenant_id: ctx.tenant,
      policy_id: row.id,
      version: row.draft_version,
      number: last + 1,
      text: row.draft,
      rules: document.rules.length,
      notes,
      made_by: ctx.actor.id,
      made_by_name: ctx.actor.name ?? null,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** Puts an earlier version in force again; with `draft`, what is written goes back to it too. */
export async function rollBack(
  tx: Tx,
  ctx: Context,
  policy: string,
  which: string,
  { draft, key }: { draft: boolean; key?: string | undefined },
): Promise<PolicyVersion> {
  const row = await takeDraft(tx, ctx, policy)
  const { text, ...version } = await readVersion(tx, ctx, policy, which)
  // the models that it names may be gone since
  await soundDocument(tx, ctx, text)
  const scope = await scopeOf(tx, ctx, key)
  const from = await inForce(tx, ctx, policy, scope)
  const takesOver = draft && row.draft_version !== version.version
  if (takesOver) await writeDraft(tx, ctx, row, text)
  if (from !== version.version) await putInForce(tx, ctx, policy, scope, version.version)
  if (takesOver || from !== version.version) {
    const told = { version: version.version, number: version.number, key: key ?? null, from, draft: takesOver }
    await append(tx, ctx, [policyRolledBack(policy, told)])
  }
  return { ...version, published: version.published || scope === everybody }
}
