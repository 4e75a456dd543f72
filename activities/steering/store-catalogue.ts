import type { Tx } from '#activities/database.ts'
import { platformAlias } from '#schemas/gateway/platform-model.ts'
import type { Catalogue } from '#schemas/steering/validate.ts'
import type { Context } from '#schemas/tenancy.ts'

/** What there is at a tenant that rules can name. Which models a provider has is known to the provider. */
export async function catalogueOf(tx: Tx, ctx: Pick<Context, 'tenant'>): Promise<Catalogue> {
  const [routes, providers, guardrails, keys, people, classifier] = await Promise.all([
    tx.selectFrom('gateway_route').select('alias').where('tenant_id', '=', ctx.tenant).execute(),
    tx.selectFrom('gateway_provider').select('name').where('tenant_id', '=', ctx.tenant).execute(),
    tx.selectFrom('gateway_guardrail').select('name').where('tenant_id', '=', ctx.tenant).orderBy('name').execute(),
    tx
      .selectFrom('gateway_key')
      .select(['id', 'name'])
      .where('tenant_id', '=', ctx.tenant)
      .where('revoked_at', 'is', null)
      .execute(),
    tx
      .selectFrom('membership as m')
      .innerJoin('user_account as u', 'u.id', 'm.user_id')
      .select(['u.id', 'u.email'])
      .where('m.tenant_id', '=', ctx.tenant)
      .execute(),
    tx
      .selectFrom('gateway_classifier')
      .select('id')
      .where('tenant_id', '=', ctx.tenant)
      .where('in_force_since', 'is not', null)
      .executeTakeFirst(),
  ])
  return {
    aliases: [...new Set([...routes.map(({ alias }) => alias), platformAlias])],
    providers: Object.fromEntries(providers.map(({ name }) => [name, null])),
    guardrails: guardrails.map(({ name }) => name),
    keys: keys.flatMap(({ id, name }) => [name, id]),
    users: people.flatMap(({ id, email }) => [email, id]),
    classifier: classifier !== undefined,
  }
}
