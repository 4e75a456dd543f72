import { sql, type Selectable } from 'kysely'
import { storable, withSystem, type Databases, type Tx } from '#activities/database.ts'
import { pageOfRows, type Page, type PageAsked } from '#activities/paging.ts'
import type { Seal } from '#activities/seal.ts'
import type { QualityRun, QualitySample } from '#schemas/gateway/quality/index.ts'
import type { Says } from '#schemas/gateway/quality/judging.ts'
import { newId } from '#schemas/ids.ts'
import type { GatewayQualitySampleTable } from '#schemas/tables/gateway-quality.ts'
import type { Context } from '#schemas/tenancy.ts'
import { textOfAnswer } from './relay/cache-answer.ts'
import type { Sampled } from './relay/sampling.ts'
import type { Settings } from './relay/settings.ts'
import { questionText } from './sample-text.ts'
import { findSettings, spentToday } from './store-quality.ts'

type Tenant = Pick<Context, 'tenant'>
type Row = Selectable<GatewayQualitySampleTable>
type Side = keyof Sealed

/** What was asked, as it went to whoever answered, and what was answered. */
export type SaidAt = {
  body: string
  question: string
  answer: string
  headers: Readonly<Record<string, string>>
  settings: Settings | null
}
/** What the judge said in an order. */
export type Judgement = { first: 'strong' | 'cheap'; says: Says; reason: string }

/** What is sealed of a sample, each apart. */
type Sealed = { asked: SaidAt; shadow: string; judged: Judgement[] }

const day = 86_400_000
/** What was said of a sample that is not recorded goes after so many days, judged or not; one that waits longer is let go. */
const keptDays = 3
const inTime = day

const about = (tenant: string, id: string, side: Side): string => `gateway_quality_sample ${tenant} ${id} ${side}`
export const sealSide = <S extends Side>(
  seal: Seal,
  { tenant }: Tenant,
  id: string,
  side: S,
  said: Sealed[S],
): Buffer => seal.close(JSON.stringify(said), about(tenant, id, side))
export const openSide = <S extends Side>(
  seal: Seal,
  { tenant }: Tenant,
  id: string,
  side: S,
  sealed: Buffer,
): Sealed[S] => JSON.parse(seal.open(sealed, about(tenant, id, side))) as Sealed[S]

/** Writes down samples, each sealed for its tenant, and that somebody is to work at them. What cannot be compared is let go. */
export const createSamples =
  (db: Databases, seal: Seal) =>
  async (sampled: readonly Sampled[]): Promise<void> => {
    const rows = sampled.flatMap((one) => sealedRow(seal, one))
    if (rows.length === 0) return
    const tenants = [...new Set(rows.map((row) => row.tenant_id))].toSorted()
    await withSystem(db, async (tx) => {
      await tx
        .insertInto('gateway_quality_sample')
        .values(rows)
        .onConflict((on) => on.column('id').doNothing())
        .execute()
      // one that is about to close waits for this, or this for it
      for (const tenant of tenants)
        await sql`insert into gateway_quality_run (id, tenant_id) values (${newId('qualityRun')}, ${tenant})
          on conflict (tenant_id) where closed_at is null do update set next_at = gateway_quality_run.next_at`.execute(
          tx,
        )
    })
  }

const sealedRow = (seal: Seal, one: Sampled) => {
  const { id, tenant, at, operation, arm, by, strong, cheap, other, settings, headers, recordedDays } = one
  const { kept, whole } = one.answer()
  const answer = kept === null || !whole ? null : textOfAnswer({ operation }, Buffer.from(kept).toString())
  const body = Buffer.from(one.body).toString()
  const question = questionText(operation, body)
  if (answer === null || answer.trim() === '' || question === null) return []
  const said: SaidAt = { body, question, answer, headers, settings }
  return {
    id,
    arm,
    operation,
    strong,
    cheap,
    tenant_id: tenant,
    at: new Date(at),
    policy_id: by.policy,
    rule: by.rule,
    asked: storable(one.asked),
    other,
    recorded: recordedDays !== null,
    sealed: sealSide(seal, { tenant }, id, 'asked', said),
    expires_at: new Date(at + Math.max(keptDays, recordedDays ?? 0) * day),
  }
}

/**
 * The next samples to be judged, and none once there is nothing more to do, by which the run is closed. What is beyond the money
 * of the day, or has waited too long, is let go.
 */
export async function takeSamples(tx: Tx, { tenant, run }: QualityRun, most: number): Promise<string[]> {
  const open = await tx
    .selectFrom('gateway_quality_run')
    .select('id')
    .where('tenant_id', '=', tenant)
    .where('id', '=', run)
    .where('closed_at', 'is', null)
    .forUpdate()
    .executeTakeFirst()
  if (open === undefined) return []
  const { on, dailyUsd } = await findSettings(tx, { tenant })
  if (!on) await skip(tx, tenant, 'The guard was turned off.')
  else if ((await spentToday(tx, { tenant })) >= dailyUsd * 1e9)
    await skip(tx, tenant, 'The money of the day was spent.')
  else await skip(tx, tenant, 'It was not judged in time.', new Date(Date.now() - inTime))
  const rows = await waiting(tx, tenant).select('id').orderBy('id').limit(most).execute()
  if (rows.length === 0)
    await tx.updateTable('gateway_quality_run').set({ closed_at: new Date() }).where('id', '=', run).execute()
  return rows.map(({ id }) => id)
}

const waiting = (tx: Tx, tenant: string) =>
  tx.selectFrom('gateway_quality_sample').where('tenant_id', '=', tenant).where('state', '=', 'waiting')

const gone = { sealed: null, shadow_sealed: null, judged_sealed: null }
/** One that waits cannot be judged without what was said. */
const letGo = (why: string) => ({
  ...gone,
  state: sql<Row['state']>`case when state = 'waiting' then 'skipped' else state end`,
  why: sql<string>`case when state = 'waiting' then ${why} else why end`,
  closed_at: sql<Date>`coalesce(closed_at, now())`,
})

const skip = async (tx: Tx, tenant: string, why: string, before?: Date): Promise<void> => {
  let rows = tx
    .updateTable('gateway_quality_sample')
    .set({ state: 'skipped', why, closed_at: new Date(), ...gone })
    .where('tenant_id', '=', tenant)
    .where('state', '=', 'waiting')
  if (before !== undefined) rows = rows.where('at', '<', before)
  await rows.execute()
}

export type Waiting = Row & { said: SaidAt }

/** A sample that waits, with what was said; null where it does not wait any more. */
export async function findWaiting(tx: Tx, ctx: Tenant, seal: Seal, id: string): Promise<Waiting | null> {
  const row = await waiting(tx, ctx.tenant).selectAll().where('id', '=', id).executeTakeFirst()
  if (row === undefined || row.sealed === null) return null
  return { ...row, said: openSide(seal, ctx, id, 'asked', row.sealed) }
}

/** Keeps what the one answered that was not used, once; `by` is the one that did. */
export async function keepShadow(
  tx: Tx,
  ctx: Tenant,
  { id, arm }: Pick<Row, 'id' | 'arm'>,
  { sealed, by, request }: { sealed: Buffer; by: string; request: string | null },
): Promise<void> {
  await tx
    .updateTable('gateway_quality_sample')
    .set({ shadow_sealed: sealed, shadow_id: request, ...(arm === 'routed' ? { strong: by } : { cheap: by }) })
    .where('tenant_id', '=', ctx.tenant)
    .where('id', '=', id)
    .where('state', '=', 'waiting')
    .where('shadow_sealed', 'is', null)
    .execute()
}

type Came = Pick<Row, 'state' | 'why' | 'verdict' | 'flipped'> & { judged: Buffer | null }

/** Writes down what came of a sample, once; what was said goes, unless its tenant records it. Gives whether it was this. */
export async function closeSample(tx: Tx, ctx: Tenant, id: string, { judged, ...came }: Came): Promise<boolean> {
  const keeps = sql<boolean>`recorded and ${judged !== null}`
  const { numUpdatedRows } = await tx
    .updateTable('gateway_quality_sample')
    .set({
      ...came,
      why: came.why === null ? null : storable(came.why).slice(0, 500),
      closed_at: new Date(),
      sealed: sql`case when ${keeps} then sealed end`,
      shadow_sealed: sql`case when ${keeps} then shadow_sealed end`,
      judged_sealed: sql`case when ${keeps} then ${judged}::bytea end`,
    })
    .where('tenant_id', '=', ctx.tenant)
    .where('id', '=', id)
    .where('state', '=', 'waiting')
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Whether what was said can still be read: the days that recording is set to now count, where they are fewer. */
export const isReadable = sql<boolean>`s.sealed is not null and s.state = 'judged' and exists (
  select from gateway_recording r where r.tenant_id = s.tenant_id
    and least(s.expires_at, s.at + r.days * interval '1 day') > now())`

export const samplesOf = (tx: Tx, { tenant }: Tenant) =>
  tx
    .selectFrom('gateway_quality_sample as s')
    .selectAll('s')
    .select(isReadable.as('readable'))
    .where('s.tenant_id', '=', tenant)

export const toSample = (row: Row & { readable: boolean }): QualitySample => ({
  modelRequest: row.id,
  at: row.at.toISOString(),
  arm: row.arm,
  policy: row.policy_id,
  rule: row.rule,
  asked: row.asked,
  strong: row.strong,
  cheap: row.cheap,
  state: row.state,
  why: row.why,
  verdict: row.verdict,
  flipped: row.flipped,
  shadow: row.shadow_id,
  readable: row.readable,
  closedAt: row.closed_at?.toISOString() ?? null,
})

/** A page of samples, newest first. */
export async function listSamples(tx: Tx, ctx: Tenant, page: PageAsked): Promise<Page<QualitySample>> {
  let query = samplesOf(tx, ctx)
  if (page.cursor !== undefined) query = query.where('s.id', '<', page.cursor)
  const { rows, next } = await pageOfRows(query.orderBy('s.id', 'desc'), page.limit, (row) => row.id)
  return { items: rows.map(toSample), next }
}

/** Deletes what samples said, of one request or of all, with the bodies that are recorded of them. */
export async function deleteSaid(tx: Tx, { tenant }: Tenant, request?: string): Promise<void> {
  let rows = tx
    .updateTable('gateway_quality_sample')
    .set(letGo('What it said was deleted.'))
    .where('tenant_id', '=', tenant)
    .where('recorded', '=', true)
  if (request !== undefined) rows = rows.where('id', '=', request)
  await rows.where('sealed', 'is not', null).execute()
}

/** Forgets what was said once its time is over, and verdicts that no figure counts any more. Gives how many rows. */
export async function forgetSamples(tx: Tx, now: Date, limit: number): Promise<number> {
  const said = await sql`
    update gateway_quality_sample set sealed = null, shadow_sealed = null, judged_sealed = null,
      state = case when state = 'waiting' then 'skipped' else state end, closed_at = coalesce(closed_at, now())
    where ctid = any (array(
      select ctid from gateway_quality_sample where sealed is not null and expires_at <= ${now} limit ${limit}))`.execute(
    tx,
  )
  const rows = await sql`
    delete from gateway_quality_sample where ctid = any (array(
      select ctid from gateway_quality_sample where expires_at <= ${now} and at < ${new Date(now.getTime() - 366 * day)} limit ${limit}))`.execute(
    tx,
  )
  return Number((said.numAffectedRows ?? 0n) + (rows.numAffectedRows ?? 0n))
}
