import { sql } from 'kysely'
import { storable, withSystem, type Databases, type Tx } from '#activities/database.ts'
import { pageOfRows, type Page, type PageAsked } from '#activities/paging.ts'
import { Fault } from '#schemas/errors.ts'
import { stepNames, type ModelRequest, type Outcome } from '#schemas/gateway/requests.ts'
import { firstIdAt } from '#schemas/ids.ts'
import type { LiveRow } from '#schemas/live.ts'
import type { Context } from '#schemas/tenancy.ts'
import type { Accounted } from './relay/accounted.ts'
import type { Cached } from './relay/cached.ts'
import type { Savings } from './relay/savings.ts'
import { countCached } from './store-cached.ts'
import { countCosts } from './store-costs.ts'
import { countGuarded } from './store-guarded.ts'
import { settleCharges } from './store-leases.ts'

const day = 86_400_000
const opened = new Set<number>()

/** Where a request is written down has a part for each day, from midnight UTC; it is opened by whoever comes first. */
const openDay = async (db: Databases, from: number): Promise<void> => {
  if (opened.has(from)) return
  const name = new Date(from).toISOString().slice(0, 10).replaceAll('-', '')
  const [first, next] = [firstIdAt('modelRequest', from), firstIdAt('modelRequest', from + day)]
  await sql`select open_gateway_day(${name}, ${first}, ${next})`.execute(db.system)
  opened.add(from)
}

/**
 * Writes down requests that are over, once each: one that is there already stays as it is, and has been counted. What the
 * others came to is taken off what `holder` was lent for them.
 */
export async function writeRequests(db: Databases, accounted: readonly Accounted[], holder = ''): Promise<void> {
  for (const from of new Set(accounted.map(({ at }) => Math.floor(at / day) * day))) await openDay(db, from)
  const rows = accounted.map(toRow)
  // all rows as one value: as one for each column they took longer to send than to answer (`npm run bench -- gateway`)
  const columns = sql.join(Object.keys(rows[0] ?? {}).map((name) => sql.ref(name)))
  await withSystem(db, async (tx) => {
    const { rows: fresh } = await sql<{ id: string }>`
      insert into gateway_request (${columns})
      select ${columns} from json_populate_recordset(null::gateway_request, ${JSON.stringify(rows)}::json)
      on conflict (id) do nothing returning id`.execute(tx)
    const counted = new Set(fresh.map(({ id }) => id))
    const news = accounted.filter(({ id }) => counted.has(id))
    await settleCharges(
      tx,
      holder,
      news.flatMap(({ charges }) => charges),
    )
    await countCached(tx, news)
    await countCosts(tx, news)
    await countGuarded(
      tx,
      news.filter(({ guarded }) => guarded != null),
    )
    // "last used" is of use by the minute
    const keys = [...new Set(accounted.flatMap(({ key }) => (key === null ? [] : [key])))]
    if (keys.length > 0)
      await tx
        .updateTable('gateway_key')
        .set({ last_used_at: new Date() })
        .where('id', 'in', keys)
        .where((e) => e.or([e('last_used_at', 'is', null), e('last_used_at', '<', new Date(Date.now() - 60_000))]))
        .execute()
  })
}

/** What is null is left out: it is null in the table all the same, and half of a row would be the names of what is not. */
const toRow = (one: Accounted) => {
  const { tokens, price } = one
  return {
    id: one.id,
    tenant_id: one.tenant,
    at: new Date(one.at).toISOString(),
    key_id: one.key ?? undefined,
    operation: one.operation,
    asked: storable(one.asked).slice(0, 200),
    alias: one.alias ?? undefined,
    provider: one.provider ?? undefined,
    model: one.model ?? undefined,
    stream: one.stream,
    outcome: one.outcome,
    status: one.status,
    failure: one.failure ?? undefined,
    error: one.error === null ? undefined : storable(one.error).slice(0, 2000),
    input_tokens: tokens?.input,
    cached_tokens: tokens?.cached,
    cache_write_tokens: tokens?.cacheWrite,
    output_tokens: tokens?.output,
    reasoning_tokens: tokens?.reasoning,
    apart: tokens?.apart,
    estimated: one.estimated,
    cost_nano: price === null ? undefined : String(price.nano),
    list_nano: price === null ? undefined : String(price.nano + totalOf(one.saved)),
    trimmed: one.trimmed ?? undefined,
    saved: one.saved ?? undefined,
    price: price?.book,
    first_byte_ms: one.firstByteMs ?? undefined,
    total_ms: one.totalMs,
    overhead_ms: one.overheadMs,
    attempts: one.attempts,
    steps: one.steps ?? undefined,
    tags: one.tags,
    run_id: one.run ?? undefined,
    batch_id: one.batch ?? undefined,
    person_id: one.person,
    replay_of: one.replayOf,
    budget_id: one.budget ?? undefined,
    policy_id: one.steered?.by?.policy,
    policy_number: one.steered?.by?.number,
    rule: one.steered?.by?.rule,
    own_tags: one.steered === null || one.steered.own === one.tags ? undefined : one.steered.own,
    rules: one.steered?.held ?? undefined,
    guarded: one.guarded ?? undefined,
    mends: one.mends ?? undefined,
    recorded_days: one.recorded ?? undefined,
    easy: one.verdict?.easy,
    suffices: one.verdict?.suffices,
    ...cacheColumns(one.cache),
  }
}

const totalOf = (saved: Savings | null | undefined): number =>
  Object.values(saved ?? {}).reduce((sum, nano) => sum + nano, 0)

/** A row that a version before the cache has spooled says nothing of it. */
const cacheColumns = (cache: Cached | null | undefined) => {
  const isHit = cache != null && cache.how !== 'miss'
  return {
    cache: cache?.how ?? undefined,
    cache_of: isHit ? cache.of : undefined,
    cache_age_ms: isHit ? String(Math.round(cache.ageMs)) : undefined,
    cache_similarity: isHit ? (cache.similarity ?? undefined) : undefined,
  }
}

type Tenant = Pick<Context, 'tenant'>

const requests = (tx: Tx, ctx: Tenant) =>
  tx
    .selectFrom('gateway_request as r')
    .leftJoin('gateway_key as k', (join) =>
      join.onRef('k.id', '=', 'r.key_id').onRef('k.tenant_id', '=', 'r.tenant_id'),
    )
    .leftJoin('gateway_budget as b', (join) =>
      join.onRef('b.id', '=', 'r.budget_id').onRef('b.tenant_id', '=', 'r.tenant_id'),
    )
    .selectAll('r')
    .leftJoin('gateway_body as y', (join) =>
      join.onRef('y.request_id', '=', 'r.id').onRef('y.tenant_id', '=', 'r.tenant_id').on('y.side', '=', 'asked'),
    )
    .leftJoin('gateway_recording as g', 'g.tenant_id', 'r.tenant_id')
    .leftJoin('membership as m', (join) =>
      join.onRef('m.user_id', '=', 'r.person_id').onRef('m.tenant_id', '=', 'r.tenant_id'),
    )
    .select(['k.name as key_name', 'b.name as budget_name', 'm.name as person_name'])
    .select(['y.at as body_at', 'y.deleted_at as body_deleted_at', 'g.days as recording_days'])
    .where('r.tenant_id', '=', ctx.tenant)

type Row = Awaited<ReturnType<ReturnType<typeof requests>['executeTakeFirstOrThrow']>>

const toRequest = (row: Row): ModelRequest => ({
  id: row.id,
  at: row.at.toISOString(),
  key: row.key_id === null ? null : { id: row.key_id, name: row.key_name ?? row.key_id },
  operation: row.operation,
  asked: row.asked,
  provider: row.provider,
  model: row.model,
  stream: row.stream,
  outcome: row.outcome,
  status: row.status,
  failure: row.failure,
  error: row.error,
  tokens:
    row.input_tokens === null
      ? null
      : {
          input: row.input_tokens,
          cached: row.cached_tokens ?? 0,
          cacheWrite: row.cache_write_tokens ?? 0,
          output: row.output_tokens ?? 0,
          reasoning: row.reasoning_tokens ?? 0,
        },
  apart: row.apart,
  estimated: row.estimated,
  cost: row.cost_nano === null ? null : Number(row.cost_nano) / 1e9,
  price: row.price,
  firstByteMs: row.first_byte_ms,
  totalMs: row.total_ms,
  overheadMs: row.overhead_ms,
  attempts: row.attempts,
  steps: stepNames
    .flatMap((step) => {
      const [at, ms] = row.steps?.[step] ?? []
      return at === undefined || ms === undefined ? [] : [{ step, at, ms }]
    })
    .toSorted((a, b) => a.at - b.at),
  tags: row.tags,
  budget: row.budget_id === null ? null : { id: row.budget_id, name: row.budget_name },
  run: row.run_id,
  batch: row.batch_id,
  person: row.person_id === null ? null : { id: row.person_id, name: row.person_name },
  replayOf: row.replay_of,
  easy: row.easy === null || row.suffices === null ? null : { probability: row.easy, suffices: row.suffices },
  rule:
    row.policy_id === null || row.policy_number === null || row.rule === null
      ? null
      : { policy: row.policy_id, number: row.policy_number, rule: row.rule },
  rules: row.rules ?? [],
  cache:
    row.cache === null
      ? null
      : {
          how: row.cache,
          of: row.cache_of,
          ageMs: row.cache_age_ms === null ? null : Number(row.cache_age_ms),
          similarity: row.cache_similarity,
          saved: row.cache === 'miss' ? 0 : row.saved === null ? null : (row.saved.cache ?? 0) / 1e9,
        },
  trimmed: row.trimmed,
  saved:
    row.saved === null
      ? null
      : {
          cache: (row.saved.cache ?? 0) / 1e9,
          promptCache: (row.saved.promptCache ?? 0) / 1e9,
          routing: (row.saved.routing ?? 0) / 1e9,
          marks: (row.saved.marks ?? 0) / 1e9,
          trimming: (row.saved.trimming ?? 0) / 1e9,
        },
  guarded: row.guarded ?? [],
  mends: row.mends,
  bodies: bodiesOf(row),
})

const bodiesOf = (row: Row): ModelRequest['bodies'] => {
  if (row.recorded_days === null) return null
  const days = Math.min(row.recorded_days, row.recording_days ?? row.recorded_days)
  const until = new Date(row.at.getTime() + days * day)
  const isKept = row.body_at === null ? ('missing' as const) : ('kept' as const)
  const state = row.body_deleted_at !== null ? 'deleted' : until.getTime() <= Date.now() ? 'over' : isKept
  return { state, until: until.toISOString() }
}

/** A page of requests to models, newest first. */
export async function listModelRequests(
  tx: Tx,
  ctx: Tenant,
  filter: PageAsked & {
    outcome?: Outcome | undefined
    key?: string | undefined
    run?: string | undefined
    replayOf?: string | undefined
    guardrail?: string | undefined
    model?: string | undefined
    cache?: 'hit' | 'miss' | undefined
  },
): Promise<Page<ModelRequest>> {
  const { outcome, key, run, replayOf, guardrail, model, cache, cursor } = filter
  let query = requests(tx, ctx)
  if (outcome !== undefined) query = query.where('r.outcome', '=', outcome)
  if (key !== undefined) query = query.where('r.key_id', '=', key)
  if (run !== undefined) query = query.where('r.run_id', '=', run)
  if (replayOf !== undefined) query = query.where('r.replay_of', '=', replayOf)
  if (guardrail !== undefined)
    query = query.where(
      sql<boolean>`jsonb_path_exists(r.guarded, '$[*] ? (@.name == $name && @.did != "passed")', ${JSON.stringify({ name: guardrail })}::jsonb)`,
    )
  if (model !== undefined) query = query.where((e) => e.or([e('r.asked', '=', model), e('r.model', '=', model)]))
  if (cache !== undefined) query = query.where('r.cache', 'in', cache === 'hit' ? ['exact', 'semantic'] : ['miss'])
  if (cursor !== undefined) query = query.where('r.id', '<', storable(cursor))
  const { rows, next } = await pageOfRows(query.orderBy('r.id', 'desc'), filter.limit, (row) => row.id)
  return { items: rows.map(toRequest), next }
}

export async function findModelRequest(tx: Tx, ctx: Tenant, id: string): Promise<ModelRequest> {
  const row = await requests(tx, ctx).where('r.id', '=', storable(id)).executeTakeFirst()
  if (row === undefined) throw new Fault('not_found')
  return toRequest(row)
}

/** The newest requests, or with `since` those of them that came from that cursor on. */
export async function readModelRequests(tx: Tx, ctx: Tenant, since: string | null): Promise<LiveRow[]> {
  const newest = await requests(tx, ctx)
    .orderBy('r.id', 'desc')
    .limit(since === null ? 100 : 500)
    .$if(since !== null, (query) => query.where(sql<boolean>`r.changed >= ${since}::text::xid8`))
    .execute()
  return newest.map(toRequest)
}
