import { sql } from 'kysely'
import { append } from '#activities/audit/store.ts'
import type { Db, Tx } from '#activities/database.ts'
import { Fault } from '#schemas/errors.ts'
import {
  qualityGuardChanged,
  qualityTag,
  ruleRestored,
  usualQuality,
  type QualityGuard,
  type QualitySettings,
} from '#schemas/gateway/quality/index.ts'
import { instructions } from '#schemas/gateway/quality/judging.ts'
import { sisterId } from '#schemas/ids.ts'
import type { Context } from '#schemas/tenancy.ts'
import type { KnownQuality } from './relay/sampling.ts'

type Tenant = Pick<Context, 'tenant'>
/** A rule, by where it stands. */
export type RuleName = { policy: string; rule: string }

const day = 86_400_000
/** So far back samples say who is compared. */
const looksBack = 30 * day

const rowOf = (tx: Db, { tenant }: Tenant) =>
  tx.selectFrom('gateway_quality').selectAll().where('tenant_id', '=', tenant)

type Row = Awaited<ReturnType<ReturnType<typeof rowOf>['executeTakeFirstOrThrow']>>

const toSettings = (row: Row | undefined): QualitySettings => {
  if (row === undefined) return usualQuality
  const { is_on: on, share, judge, bound, below, daily_nano: daily } = row
  return { on, share, judge, bound, below, dailyUsd: Number(daily) / 1e9 }
}

/** How many requests are looked at, as requests need to know it; null where none are. */
export async function readQuality(system: Db, tenant: string): Promise<KnownQuality | null> {
  const { on, share } = toSettings(await rowOf(system, { tenant }).executeTakeFirst())
  return on ? { share } : null
}

export const findSettings = async (tx: Tx, ctx: Tenant): Promise<QualitySettings> =>
  toSettings(await rowOf(tx, ctx).executeTakeFirst())

/** What the guard has spent today (UTC), in billionths of a US dollar: all that carries its tag. */
export async function spentToday(tx: Tx, { tenant }: Tenant): Promise<number> {
  const { rows } = await sql<{ nano: string }>`
    select coalesce(sum(cost_nano), 0) nano from gateway_cost
    where tenant_id = ${tenant} and at >= date_trunc('day', now(), 'UTC') and tags ? ${qualityTag}`.execute(tx)
  return Number(rows[0]?.nano ?? 0)
}

export async function findQuality(tx: Tx, ctx: Tenant): Promise<QualityGuard> {
  const row = await rowOf(tx, ctx).executeTakeFirst()
  const settings = toSettings(row)
  return {
    ...settings,
    changedAt: row?.changed_at.toISOString() ?? null,
    spentToday: (await spentToday(tx, ctx)) / 1e9,
    prompt: instructions,
    warnings: await warningsOf(tx, ctx, settings),
  }
}

/** Turns the guard on or off, and says how it works. `invalid` where there is no such judge. */
export async function changeQuality(tx: Tx, ctx: Context, given: QualitySettings): Promise<QualityGuard> {
  const refuse = (message: string): never => {
    throw new Fault('invalid', undefined, { issues: [{ path: '/body/judge', message }] })
  }
  if (given.on && given.judge === null) refuse('say which route judges')
  if (given.judge !== null && (await targetsOf(tx, ctx, given.judge)) === null) refuse('there is no such route')
  const { on, share, judge, bound, below, dailyUsd } = given
  const row = { is_on: on, share, judge, bound, below, daily_nano: Math.round(dailyUsd * 1e9), changed_at: new Date() }
  await tx
    .insertInto('gateway_quality')
    .values({ tenant_id: ctx.tenant, ...row })
    .onConflict((at) => at.column('tenant_id').doUpdateSet(row))
    .execute()
  await append(tx, ctx, [qualityGuardChanged(sisterId('quality', ctx.tenant), given)])
  return findQuality(tx, ctx)
}

const targetsOf = async (tx: Tx, { tenant }: Tenant, alias: string) => {
  const route = await tx
    .selectFrom('gateway_route')
    .select('targets')
    .where('tenant_id', '=', tenant)
    .where('alias', '=', alias)
    .executeTakeFirst()
  return route?.targets.map(({ provider, model }) => `${provider}/${model}`) ?? null
}

const warningsOf = async (tx: Tx, ctx: Tenant, { on, judge }: QualitySettings): Promise<string[]> => {
  if (judge === null) return []
  const targets = await targetsOf(tx, ctx, judge)
  if (targets === null)
    return on ? [`There is no route “${judge}” any more: nothing is judged until you choose another judge.`] : []
  const { rows } = await sql<{ name: string }>`
    select distinct m.name from gateway_quality_sample s, lateral (values (s.strong), (s.cheap)) m(name)
    where s.tenant_id = ${ctx.tenant} and s.at > ${new Date(Date.now() - looksBack)} order by 1`.execute(tx)
  return rows
    .filter(({ name }) => targets.includes(name))
    .map(
      ({ name }) =>
        `“${judge}” leads to ${name}, which is one of the models that are compared. Models favour what they wrote themselves: choose a judge that is neither.`,
    )
}

/** The rules of a tenant that the guard has taken out of force. */
export async function withdrawnRules(system: Db, tenant: string): Promise<RuleName[]> {
  const rows = await system
    .selectFrom('gateway_quality_rule')
    .select(['policy_id as policy', 'rule'])
    .where('tenant_id', '=', tenant)
    .where('withdrawn_at', 'is not', null)
    .orderBy('policy_id')
    .orderBy('rule')
    .execute()
  return rows
}

/** Puts a rule back; what was judged before is not held against it any more. */
export async function restoreRule(tx: Tx, ctx: Context, { policy, rule }: RuleName): Promise<QualityGuard> {
  const { numUpdatedRows } = await tx
    .updateTable('gateway_quality_rule')
    .set({ withdrawn_at: null, fell_at: null, counts_from: new Date() })
    .where('tenant_id', '=', ctx.tenant)
    .where('policy_id', '=', policy)
    .where('rule', '=', rule)
    .where('withdrawn_at', 'is not', null)
    .executeTakeFirst()
  if (numUpdatedRows === 0n) throw new Fault('not_found', 'The guard has not taken such a rule out of force.')
  await append(tx, ctx, [ruleRestored(sisterId('quality', ctx.tenant), { policy, rule })])
  return findQuality(tx, ctx)
}
