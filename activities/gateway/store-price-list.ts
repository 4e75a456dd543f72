import { sql } from 'kysely'
import type { Tx } from '#activities/database.ts'
import type { KindName } from '#schemas/gateway/kinds/index.ts'
import type { ListedModel, UnpricedModel } from '#schemas/gateway/price-list.ts'
import type { Context } from '#schemas/tenancy.ts'
import { listedModels } from './relay/price-list.ts'
import { listed, pricePerMillion } from './relay/price.ts'
import { readRates } from './store-known.ts'
import { findProvider } from './store-providers.ts'

type Tenant = Pick<Context, 'tenant'>

/** What a provider of the tenant's lists, by its id or name. */
export async function findPriceList(
  tx: Tx,
  ctx: Tenant,
  provider: string,
): Promise<{ book: string | null; items: ListedModel[] }> {
  const { kind } = await findProvider(tx, ctx, provider)
  const items = listedModels(kind)
  return { book: items.length === 0 ? null : listed, items }
}

type Named = { provider: string; kind: KindName; model: string }
type Asked = Named & { requests: string; last_at: Date }

/** Models of providers that are there, that were asked in the last 30 days at an unknown cost or that a route leads to, without a price from now on. */
export async function listUnpriced(tx: Tx, { tenant }: Tenant): Promise<UnpricedModel[]> {
  const { rows: asked } = await sql<Asked>`
    select c.provider, p.kind, c.model, sum(c.unpriced) requests, max(c.at) last_at
    from gateway_cost c join gateway_provider p on p.tenant_id = c.tenant_id and p.name = c.provider
    where c.tenant_id = ${tenant} and c.at > now() - interval '30 days' and c.unpriced > 0 and c.model is not null
    group by 1, 2, 3`.execute(tx)
  const { rows: routed } = await sql<Named & { routes: string[] }>`
    select t.provider, p.kind, t.model, array_agg(distinct r.alias order by r.alias) routes
    from gateway_route r cross join lateral jsonb_to_recordset(r.targets) t(provider text, model text)
      join gateway_provider p on p.tenant_id = r.tenant_id and p.name = t.provider
    where r.tenant_id = ${tenant} group by 1, 2, 3`.execute(tx)
  const rates = await readRates(tx, tenant)
  const nameOf = ({ provider, model }: Named) => `${provider}/${model}`
  const [askedBy, routedBy] = [
    new Map(asked.map((one) => [nameOf(one), one])),
    new Map(routed.map((one) => [nameOf(one), one])),
  ]
  const all = new Map<string, Named>([...routedBy, ...askedBy])
  return [...all]
    .filter(([, one]) => pricePerMillion(one, Date.now(), rates) === null)
    .map(([name, { provider, model }]) => ({
      provider,
      model,
      requests: Number(askedBy.get(name)?.requests ?? 0),
      lastAt: askedBy.get(name)?.last_at.toISOString() ?? null,
      routes: routedBy.get(name)?.routes ?? [],
    }))
    .toSorted((a, b) => b.requests - a.requests || a.model.localeCompare(b.model, 'en'))
}
