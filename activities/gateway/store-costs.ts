import { hash } from 'node:crypto'
import { sql } from 'kysely'
import type { Tx } from '#activities/database.ts'
import { Fault } from '#schemas/errors.ts'
import type { Costs, CostSide, CostSums } from '#schemas/gateway/costs.ts'
import { qualityTag } from '#schemas/gateway/quality/index.ts'
import type { Context } from '#schemas/tenancy.ts'
import type { Accounted } from './relay/accounted.ts'
import { hourOf } from './store-cached.ts'

const hour = 3_600_000
const day = 24 * hour
/** Up to so many days are told by the hour. */
const daysByHour = 2
/** The most groups that are told of, and that are drawn. */
const most = { told: 50, drawn: 8 }

type Slice = ReturnType<typeof emptySlice>

const ruleOf = ({ steered }: Accounted): string | null =>
  steered?.by == null ? null : `${steered.by.policy}/${steered.by.rule}`

/** What requests of a slice have in common. */
const sameOf = (row: Accounted): string => {
  const { key, operation, asked, provider, model, tags } = row
  return JSON.stringify([key, operation, asked, provider, model, ruleOf(row), tags])
}

/** A slice of which no request is counted yet. */
const emptySlice = (row: Accounted, same: string) => {
  const { tenant, key, operation, asked, provider, model, tags } = row
  return {
    tenant_id: tenant,
    at: hourOf(row.at),
    slice: hash('md5', same, 'hex'),
    key_id: key,
    operation,
    asked,
    provider,
    model,
    rule: ruleOf(row),
    tags: JSON.stringify(tags),
    requests: 0,
    unpriced: 0,
    cost_nano: 0,
    cache_nano: 0,
    prompt_cache_nano: 0,
    routing_nano: 0,
    marks_nano: 0,
    trimming_nano: 0,
    input_tokens: 0,
    cached_tokens: 0,
    output_tokens: 0,
  }
}

const nameOf = ({ tenant_id: tenant, at, slice }: Slice): string => `${tenant} ${at.toISOString()} ${slice}`

const count = (slice: Slice, { price, saved, tokens }: Accounted): void => {
  slice.requests++
  slice.unpriced += price === null ? 1 : 0
  slice.cost_nano += price?.nano ?? 0
  slice.cache_nano += saved?.cache ?? 0
  slice.prompt_cache_nano += saved?.promptCache ?? 0
  slice.routing_nano += saved?.routing ?? 0
  slice.marks_nano += saved?.marks ?? 0
  slice.trimming_nano += saved?.trimming ?? 0
  slice.input_tokens += tokens?.input ?? 0
  slice.cached_tokens += tokens?.cached ?? 0
  slice.output_tokens += tokens?.output ?? 0
}

const summed = [
  'requests',
  'unpriced',
  'cost_nano',
  'cache_nano',
  'prompt_cache_nano',
  'routing_nano',
  'marks_nano',
  'trimming_nano',
  'input_tokens',
  'cached_tokens',
  'output_tokens',
] as const

/** Counts what requests came to, in the transaction that writes them down; those that nobody was asked came to nothing. */
export async function countCosts(tx: Tx, rows: readonly Accounted[]): Promise<void> {
  const slices = new Map<string, Slice>()
  for (const row of rows) {
    if (row.provider === null || (row.tokens === null && row.price === null)) continue
    const same = sameOf(row)
    const name = `${row.tenant} ${Math.floor(row.at / hour)} ${same}`
    let slice = slices.get(name)
    if (slice === undefined) slices.set(name, (slice = emptySlice(row, same)))
    count(slice, row)
  }
  if (slices.size === 0) return
  // in the same order by everybody, so that two that count the same wait for each other and not in a ring
  const sorted = [...slices.values()].toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
  await tx
    .insertInto('gateway_cost')
    .values(sorted)
    .onConflict((on) =>
      on
        .columns(['tenant_id', 'at', 'slice'])
        .doUpdateSet(
          Object.fromEntries(
            summed.map((field) => [field, sql`${sql.ref(`gateway_cost.${field}`)} + ${sql.ref(`excluded.${field}`)}`]),
          ),
        ),
    )
    .execute()
}

/** What a group is called in a row. */
const sides: Record<Exclude<CostSide, 'tag'>, string> = {
  asked: 'asked',
  model: 'model',
  provider: 'provider',
  key: 'key_id',
  rule: 'rule',
  operation: 'operation',
}

type Sums = Record<(typeof summed)[number] | 'guard_nano', string>
/** What the quality guard asks is tagged so. */
const byGuard = sql`coalesce(sum(c.cost_nano) filter (where c.tags ? ${qualityTag}), 0)`
const columns = sql`${sql.raw(summed.map((field) => `coalesce(sum(c.${field}), 0) ${field}`).join(', '))}, ${byGuard} guard_nano`
const usd = (nano: number): number => nano / 1e9

const sumsOf = (row: Sums): CostSums => {
  const [cost, guard, cache, promptCache, routing, marks, trimming] = [
    row.cost_nano,
    row.guard_nano,
    row.cache_nano,
    row.prompt_cache_nano,
    row.routing_nano,
    row.marks_nano,
    row.trimming_nano,
  ].map(Number) as [number, number, number, number, number, number, number]
  return {
    requests: Number(row.requests),
    unpriced: Number(row.unpriced),
    cost: usd(cost),
    guard: usd(guard),
    list: usd(cost - guard + cache + promptCache + routing + marks + trimming),
    saved: {
      cache: usd(cache),
      promptCache: usd(promptCache),
      routing: usd(routing),
      marks: usd(marks),
      trimming: usd(trimming),
    },
    tokens: { input: Number(row.input_tokens), cached: Number(row.cached_tokens), output: Number(row.output_tokens) },
  }
}

/** What requests of the last `days` came to, by what they have in common. */
export async function readCosts(
  tx: Tx,
  { tenant }: Pick<Context, 'tenant'>,
  { days, by, tag }: { days: number; by: CostSide; tag?: string | undefined },
): Promise<Costs> {
  if (by === 'tag' && tag === undefined)
    throw new Fault('invalid', undefined, { issues: [{ path: '/query/tag', message: 'say which tag' }] })
  const bin = days <= daysByHour ? 'hour' : 'day'
  const since = new Date(
    Math.floor(Date.now() / (bin === 'hour' ? hour : day)) * (bin === 'hour' ? hour : day) -
      (days * day - (bin === 'hour' ? hour : day)),
  )
  const group = by === 'tag' ? sql`c.tags ->> ${tag}` : sql.ref(`c.${sides[by]}`)
  const from = sql`gateway_cost c where c.tenant_id = ${tenant} and c.at >= ${since}`
  const [total, groups, tags] = await Promise.all([
    sql<Sums>`select ${columns} from ${from}`.execute(tx),
    sql<Sums & { name: string | null }>`select ${group} as name, ${columns} from ${from} group by 1
      order by sum(c.cost_nano) desc, sum(c.requests) desc, 1 limit ${most.told}`.execute(tx),
    sql<{ tag: string }>`select distinct t.tag from gateway_cost c, lateral jsonb_object_keys(c.tags) t(tag)
      where c.tenant_id = ${tenant} and c.at >= ${since} order by 1 limit 100`.execute(tx),
  ])
  const drawn = groups.rows.slice(0, most.drawn).map(({ name }) => name ?? '')
  const points = await sql<{ at: Date; name: string; cost_nano: string; list_nano: string }>`
    select date_trunc(${bin}, c.at, 'UTC') as at,
      case when coalesce(${group}, '') = any(${drawn}) then coalesce(${group}, '') else 'other' end as name,
      sum(c.cost_nano) cost_nano, sum(case when c.tags ? ${qualityTag} then 0 else c.cost_nano end + c.cache_nano + c.prompt_cache_nano + c.routing_nano + c.marks_nano + c.trimming_nano) list_nano
    from ${from} group by 1, 2 order by 1, 2`.execute(tx)
  const names = await namesOf(tx, tenant, by, groups.rows)
  return {
    by: bin,
    total: sumsOf(total.rows[0] as Sums),
    groups: groups.rows.map(({ name, ...row }) => ({
      ...sumsOf(row),
      group: name ?? '',
      name: names.get(name ?? '') ?? null,
    })),
    points: points.rows.map(({ at, name, cost_nano: cost, list_nano: list }) => ({
      at: at.toISOString(),
      group: name,
      cost: usd(Number(cost)),
      list: usd(Number(list)),
    })),
    tags: tags.rows.map((row) => row.tag),
  }
}

const namesOf = async (
  tx: Tx,
  tenant: string,
  by: CostSide,
  groups: readonly { name: string | null }[],
): Promise<Map<string, string>> => {
  const ids = groups.flatMap(({ name }) => name ?? [])
  if (ids.length === 0 || (by !== 'key' && by !== 'rule')) return new Map()
  if (by === 'key') {
    const keys = await tx
      .selectFrom('gateway_key')
      .select(['id', 'name'])
      .where('tenant_id', '=', tenant)
      .where('id', 'in', ids)
      .execute()
    return new Map(keys.map(({ id, name }) => [id, name]))
  }
  const of = ids.map((id) => id.split('/')[0] ?? '')
  const policies = await tx
    .selectFrom('steering_policy')
    .select(['id', 'name'])
    .where('tenant_id', '=', tenant)
    .where('id', 'in', of)
    .execute()
  const known = new Map(policies.map(({ id, name }) => [id, name]))
  return new Map(
    ids.flatMap((id) => {
      const [policy = '', rule = ''] = id.split('/')
      const name = known.get(policy)
      return name === undefined ? [] : [[id, `${name}: ${rule}`] as const]
    }),
  )
}
