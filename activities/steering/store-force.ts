import { sql } from 'kysely'
import { append } from '#activities/audit/store.ts'
import type { Tx } from '#activities/database.ts'
import { Fault } from '#schemas/errors.ts'
import { mostRules } from '#schemas/steering/document.ts'
import { policyWithdrawn } from '#schemas/steering/policies.ts'
import type { Context } from '#schemas/tenancy.ts'
import { takeDraft } from './store-draft.ts'

type Tenant = Pick<Context, 'tenant'>

/** The scope of what is in force for all who have nothing of their own. */
export const everybody = 'everybody'

const publications = (tx: Tx, ctx: Tenant, policy: string) =>
  tx.selectFrom('steering_publication').selectAll().where('tenant_id', '=', ctx.tenant).where('policy_id', '=', policy)

/** The content hash of what is in force for a scope, or null. */
export const inForce = async (tx: Tx, ctx: Tenant, policy: string, scope: string): Promise<string | null> =>
  (await publications(tx, ctx, policy).where('scope', '=', scope).executeTakeFirst())?.version ?? null

/** Whom something is published for: a key of the tenant's, or everybody. */
export const scopeOf = async (tx: Tx, ctx: Tenant, key: string | undefined): Promise<string> => {
  if (key === undefined) return everybody
  const found = await tx
    .selectFrom('gateway_key')
    .select('id')
    .where('tenant_id', '=', ctx.tenant)
    .where('id', '=', key)
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  if (found === undefined)
    throw new Fault('invalid', undefined, { issues: [{ path: '/body/key', message: 'there is no such key' }] })
  return found.id
}

/** Puts a version in force for a scope, in place of the one before. */
export const putInForce = async (
  tx: Tx,
  ctx: Context,
  policy: string,
  scope: string,
  version: string,
): Promise<void> => {
  const set = { version, at: new Date(), by: ctx.actor.id, by_name: ctx.actor.name ?? null }
  await tx
    .insertInto('steering_publication')
    .values({ tenant_id: ctx.tenant, policy_id: policy, scope, ...set })
    .onConflict((on) => on.columns(['tenant_id', 'policy_id', 'scope']).doUpdateSet(set))
    .execute()
  await tx
    .updateTable('steering_policy')
    .set({ updated_at: new Date() })
    .where('tenant_id', '=', ctx.tenant)
    .where('id', '=', policy)
    .execute()
  await refuseTooMany(tx, ctx)
}

/** A decision looks at the rules of all policies of a tenant: there is one bound for them together. */
export async function refuseTooMany(tx: Tx, ctx: Tenant): Promise<void> {
  const { rows } = await sql<{ rules: number }>`
    select coalesce(sum(of.rules), 0)::int as rules from (
      select max(v.rules) as rules from steering_publication p
      join steering_policy o on o.id = p.policy_id and o.archived_at is null
      join steering_version v on (v.tenant_id, v.policy_id, v.version) = (p.tenant_id, p.policy_id, p.version)
      where p.tenant_id = ${ctx.tenant} group by p.policy_id
    ) of`.execute(tx)
  const rules = rows[0]?.rules ?? 0
  if (rules > mostRules)
    throw new Fault('policy_invalid', `With it ${rules} rules would be in force; ${mostRules} are the most.`)
}

/** Ends what is in force for one key; `not_found` where there is nothing. */
export async function withdraw(tx: Tx, ctx: Context, policy: string, key: string): Promise<void> {
  await takeDraft(tx, ctx, policy)
  const { numDeletedRows } = await tx
    .deleteFrom('steering_publication')
    .where('tenant_id', '=', ctx.tenant)
    .where('policy_id', '=', policy)
    .where('scope', '=', key)
    .executeTakeFirst()
  if (numDeletedRows === 0n) throw new Fault('not_found')
  await append(tx, ctx, [policyWithdrawn(policy, { key })])
}
