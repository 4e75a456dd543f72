import type { Selectable } from 'kysely'
import { append } from '#activities/audit/store.ts'
import { person } from '#activities/automation/store-draft.ts'
import type { Tx } from '#activities/database.ts'
import { pageOfRows, type Page, type PageAsked } from '#activities/paging.ts'
import { Fault } from '#schemas/errors.ts'
import { newId } from '#schemas/ids.ts'
import { policyArchived, policyCreated, policyRestored, type Policy } from '#schemas/steering/policies.ts'
import type { SteeringPolicyTable, SteeringPublicationTable } from '#schemas/tables/steering.ts'
import type { Context } from '#schemas/tenancy.ts'
import { draftOf } from './store-draft.ts'
import { everybody, refuseTooMany } from './store-force.ts'

type Tenant = Pick<Context, 'tenant'>
type Row = Selectable<SteeringPolicyTable>
type Publication = Selectable<SteeringPublicationTable> & { number: number; notes: string; key_name: string | null }

const policies = (tx: Tx, ctx: Tenant) =>
  tx.selectFrom('steering_policy').selectAll().where('tenant_id', '=', ctx.tenant)

/** What is in force of these policies, and for whom. */
const publicationsOf = (tx: Tx, ctx: Tenant, ids: readonly string[]): Promise<Publication[]> =>
  tx
    .selectFrom('steering_publication as p')
    .innerJoin('steering_version as v', (join) =>
      join
        .onRef('v.tenant_id', '=', 'p.tenant_id')
        .onRef('v.policy_id', '=', 'p.policy_id')
        .onRef('v.version', '=', 'p.version'),
    )
    .leftJoin('gateway_key as k', (join) => join.onRef('k.id', '=', 'p.scope').onRef('k.tenant_id', '=', 'p.tenant_id'))
    .selectAll('p')
    .select(['v.number', 'v.notes', 'k.name as key_name'])
    .where('p.tenant_id', '=', ctx.tenant)
    .where('p.policy_id', 'in', [...ids, ''])
    .orderBy('p.scope')
    .execute()

const toPublication = (row: Publication) => ({
  version: row.version,
  number: row.number,
  at: row.at.toISOString(),
  by: person(row.by, row.by_name),
  notes: row.notes,
})

const toPolicy = (row: Row, publications: readonly Publication[]): Policy => {
  const mine = publications.filter((one) => one.policy_id === row.id)
  const published = mine.find(({ scope }) => scope === everybody)
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    published: published === undefined ? null : toPublication(published),
    keys: mine.flatMap((one) =>
      one.scope === everybody
        ? []
        : [{ ...toPublication(one), key: { id: one.scope, name: one.key_name ?? one.scope } }],
    ),
    draft: {
      revision: row.draft_revision,
      changed: row.draft_version !== published?.version,
      savedAt: row.draft_saved_at.toISOString(),
      by: person(row.draft_by, row.draft_by_name),
    },
    archivedAt: row.archived_at?.toISOString() ?? null,
    updatedAt: row.updated_at.toISOString(),
  }
}

/** A page of policies, newest first. */
export async function listPolicies(
  tx: Tx,
  ctx: Tenant,
  { archived, cursor, limit }: PageAsked & { archived: boolean },
): Promise<Page<Policy>> {
  let query = policies(tx, ctx).where('archived_at', archived ? 'is not' : 'is', null)
  if (cursor !== undefined) query = query.where('id', '<', cursor)
  const { rows, next } = await pageOfRows(query.orderBy('id', 'desc'), limit, (row) => row.id)
  const publications = await publicationsOf(
    tx,
    ctx,
    rows.map(({ id }) => id),
  )
  return { items: rows.map((row) => toPolicy(row, publications)), next }
}

export async function findPolicy(tx: Tx, ctx: Tenant, id: string): Promise<Policy> {
  const row = await policies(tx, ctx).where('id', '=', id).executeTakeFirst()
  if (row === undefined) throw new Fault('not_found')
  return toPolicy(row, await publicationsOf(tx, ctx, [id]))
}

const blank = `name: New policy
# Rules are looked at from the narrowest scope to the widest, and within one as they stand here.
rules: []
`

/** Creates a policy with this draft. */
export async function createPolicy(tx: Tx, ctx: Context, text: string = blank): Promise<Policy> {
  const id = newId('policy')
  const draft = { name: 'New policy', ...(await draftOf(ctx, text)) }
  await tx
    .insertInto('steering_policy')
    .values({ id, tenant_id: ctx.tenant, ...draft })
    .execute()
  await append(tx, ctx, [policyCreated(id, { name: draft.name })], 0)
  return findPolicy(tx, ctx, id)
}

/** Puts a policy away, or takes it back with what was in force; one that is there already stays as it is. */
export async function setArchived(tx: Tx, ctx: Context, id: string, archived: boolean): Promise<Policy> {
  await findPolicy(tx, ctx, id)
  const { numUpdatedRows } = await tx
    .updateTable('steering_policy')
    .set({ archived_at: archived ? new Date() : null, updated_at: new Date() })
    .where('tenant_id', '=', ctx.tenant)
    .where('id', '=', id)
    .where('archived_at', archived ? 'is' : 'is not', null)
    .executeTakeFirst()
  if (!archived) await refuseTooMany(tx, ctx)
  if (numUpdatedRows > 0n) await append(tx, ctx, [archived ? policyArchived(id, {}) : policyRestored(id, {})])
  return findPolicy(tx, ctx, id)
}
