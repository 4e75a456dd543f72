import type { Tx } from '#activities/database.ts'
import { platformAlias } from '#schemas/gateway/platform-model.ts'
import type { Catalogue } from '#schemas/steering/validate.ts'
import type { Context } from '#schemas/tenancy.ts'

/** What of a decision nobody carries out yet: a rule that says it is told so. */
const idle = ['guardrail'] as const

/** What there is at a tenant that rules can name. Which models a provider has is known to the provider. */
export async function catalogueOf(tx: Tx, ctx: Pick<Context, 'tenant'>): Promise<Catalogue> {
  const [routes, providers, keys, people] = await Promise.all([
    tx.selectFrom('gateway_route').select('alias').where('tenant_id', '=', ctx.tenant).execute(),
    tx.selectFrom('gateway_provider').select('name').where('tenant_id', '=', ctx.tenant).execute(),
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
  ])
  return {
    aliases: [...new Set([...routes.map(({ alias }) => alias), platformAlias])],
    providers: Object.fromEntries(providers.map(({ name }) => [name, null])),
    keys: keys.flatMap(({ id, name }) => [name, id]),
    users: people.flatMap(({ id, email }) => [email, id]),
    idle,
  }
}
