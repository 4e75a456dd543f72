import { sql, type Selectable } from 'kysely'
import { append } from '#activities/audit/store.ts'
import { person } from '#activities/automation/store-draft.ts'
import type { Tx } from '#activities/database.ts'
import { pageOfRows, type Page, type PageAsked } from '#activities/paging.ts'
import { Fault } from '#schemas/errors.ts'
import { firstIdAt, newId } from '#schemas/ids.ts'
import { replayClosed, replayRequested, type Replay } from '#schemas/steering/replays.ts'
import { newTally, quantileOf, type Side, type Tally } from '#schemas/steering/tally.ts'
import type { SteeringReplayTable } from '#schemas/tables/steering.ts'
import type { Context } from '#schemas/tenancy.ts'
import { requestsKept, type KeptRow } from './store-asked.ts'
import { readText, soundDocument } from './store-versions.ts'

type Tenant = Pick<Context, 'tenant'>
export type ReplayRow = Selectable<SteeringReplayTable>

const counted = <Name extends string>(counts: Readonly<Record<string, number>>, name: Name) =>
  Object.entries(counts)
    .map(([said, requests]) => ({ [name]: said, requests }) as Record<Name, string> & { requests: number })
    .toSorted((a, b) => b.requests - a.requests)

const toSide = ({ nano, unpriced, refused, models, times, untimed, rules }: Side): Replay['before'] => ({
  cost: nano / 1e9,
  unpriced,
  refused,
  models: counted(models, 'model'),
  p50Ms: quantileOf(times, 0.5),
  p95Ms: quantileOf(times, 0.95),
  untimed,
  rules: counted(rules, 'rule'),
})

export const toReplay = (row: ReplayRow): Replay => {
  const { changed, unknown, unknownRules, before, after, sample } = row.tally ?? newTally()
  return {
    id: row.id,
    policy: row.policy_id,
    number: row.number,
    revision: row.revision,
    from: row.from_at.toISOString(),
    to: row.to_at.toISOString(),
    state: row.state,
    total: row.total,
    done: row.done,
    createdAt: row.created_at.toISOString(),
    closedAt: row.closed_at?.toISOString() ?? null,
    by: person(row.asked_by, row.asked_by_name),
    changed,
    unknown: { requests: unknown, rules: counted(unknownRules, 'rule') },
    before: toSide(before),
    after: toSide(after),
    sample,
  }
}

const replays = (tx: Tx, ctx: Tenant) =>
  tx.selectFrom('steering_replay').selectAll().where('tenant_id', '=', ctx.tenant)

export async function findReplay(tx: Tx, ctx: Tenant, policy: string, id: string): Promise<ReplayRow> {
  const row = await replays(tx, ctx).where('policy_id', '=', policy).where('id', '=', id).executeTakeFirst()
  if (row === undefined) throw new Fault('not_found')
  return row
}

/** A page of replays of a policy, newest first. */
export async function listReplays(tx: Tx, ctx: Tenant, policy: string, page: PageAsked): Promise<Page<Replay>> {
  await readText(tx, ctx, policy, 'draft')
  let query = replays(tx, ctx).where('policy_id', '=', policy)
  if (page.cursor !== undefined) query = query.where('id', '<', page.cursor)
  const { rows, next } = await pageOfRows(query.orderBy('id', 'desc'), page.limit, (row) => row.id)
  return { items: rows.map(toReplay), next }
}

/** The requests of a time range that are recorded, by the ids that begin and end it. */
const recordedIn = (tx: Tx, ctx: Tenant, row: Pick<ReplayRow, 'cursor' | 'to_at'>) =>
  requestsKept(tx, ctx)
    .where('r.id', '>', row.cursor)
    .where('r.id', '<', firstIdAt('modelRequest', row.to_at.getTime()))

/** Writes a replay down; Temporal is told afterwards. */
export async function requestReplay(
  tx: Tx,
  ctx: Context,
  policy: string,
  { version, from, to }: { version: string; from: Date; to: Date },
): Promise<Replay> {
  if (from >= to) throw new Fault('invalid', undefined, { issues: [{ path: '/body/from', message: 'is before “to”' }] })
  const { text, number, revision } = await readText(tx, ctx, policy, version)
  await soundDocument(tx, ctx, text)
  const range = { cursor: firstIdAt('modelRequest', from.getTime()), to_at: to }
  const { total } = await recordedIn(tx, ctx, range)
    .clearSelect()
    .select((e) => e.fn.countAll<string>().as('total'))
    .executeTakeFirstOrThrow()
  const row = await tx
    .insertInto('steering_replay')
    .values({
      id: newId('replay'),
      tenant_id: ctx.tenant,
      policy_id: policy,
      text,
      number,
      revision,
      from_at: from,
      ...range,
      total: Number(total),
      asked_by: ctx.actor.id,
      asked_by_name: ctx.actor.name ?? null,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  await append(tx, ctx, [replayRequested(row.id, { policy, number, total: row.total })], 0)
  return toReplay(row)
}

/** A replay, held until the transaction ends. */
export const takeReplay = (tx: Tx, ctx: Tenant, id: string): Promise<ReplayRow> =>
  replays(tx, ctx).where('id', '=', id).forUpdate().executeTakeFirstOrThrow()

export const nextRecorded = (tx: Tx, ctx: Tenant, row: ReplayRow, limit: number): Promise<KeptRow[]> =>
  recordedIn(tx, ctx, row).orderBy('r.id').limit(limit).execute()

/** The median time of what was answered in a range, in ms, by `provider/model`. */
export async function mediansIn(tx: Tx, { tenant }: Tenant, row: ReplayRow): Promise<Map<string, number>> {
  const { rows } = await sql<{ model: string; ms: number }>`
    select provider || '/' || model as model, percentile_cont(0.5) within group (order by total_ms) as ms
    from gateway_request
    where tenant_id = ${tenant} and outcome = 'ok' and provider is not null and model is not null
      and id >= ${firstIdAt('modelRequest', row.from_at.getTime())}
      and id < ${firstIdAt('modelRequest', row.to_at.getTime())}
    group by 1`.execute(tx)
  return new Map(rows.map(({ model, ms }) => [model, ms]))
}

export const saveTally = async (tx: Tx, row: ReplayRow, tally: Tally, cursor: string, done: number): Promise<void> => {
  await tx
    .updateTable('steering_replay')
    .set({ tally: JSON.stringify(tally), cursor, done: row.done + done })
    .where('id', '=', row.id)
    .execute()
}

/** Closes a replay once. */
export async function closeReplay(tx: Tx, ctx: Context, id: string, state: 'completed' | 'cancelled'): Promise<Replay> {
  const row = await takeReplay(tx, ctx, id)
  if (row.state !== 'running') return toReplay(row)
  await tx.updateTable('steering_replay').set({ state, closed_at: new Date() }).where('id', '=', id).execute()
  const { changed, unknown } = row.tally ?? newTally()
  await append(tx, ctx, [replayClosed(id, { state, changed, unknown })])
  return toReplay(await takeReplay(tx, ctx, id))
}
