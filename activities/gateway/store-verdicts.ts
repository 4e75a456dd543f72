import { sql } from 'kysely'
import { append } from '#activities/audit/store.ts'
import type { Tx } from '#activities/database.ts'
import type { Seal } from '#activities/seal.ts'
import { Fault } from '#schemas/errors.ts'
import {
  qualityDropped,
  qualityRecovered,
  qualitySampleOpened,
  ruleWithdrawn,
  type OpenedSample,
  type QualityFigures,
  type QualityScored,
} from '#schemas/gateway/quality/index.ts'
import { added, byChance, isBelow, noTally, scored, type Arms, type Tally } from '#schemas/gateway/quality/tally.ts'
import { sisterId } from '#schemas/ids.ts'
import type { Context } from '#schemas/tenancy.ts'
import { findSettings, type RuleName } from './store-quality.ts'
import { openSide, samplesOf, toSample } from './store-samples.ts'

type Tenant = Pick<Context, 'tenant'>
type Sums = Record<keyof Tally, string>
type Group = RuleName & { strong: string; cheap: string; day: string; arm: 'routed' | 'kept' }

const day = 86_400_000
/** Verdicts of so many days are held against a rule. */
const heldAgainst = 30 * day

const sums = sql`
  count(*) filter (where s.verdict = 'win') wins,
  count(*) filter (where s.verdict = 'tie') ties,
  count(*) filter (where s.verdict = 'loss') losses,
  count(*) filter (where s.flipped) flipped,
  count(*) filter (where s.state = 'unread') unread,
  count(*) filter (where s.state = 'failed') failed,
  count(*) filter (where s.state = 'skipped') skipped,
  count(*) filter (where s.state = 'waiting') waiting`

const toTally = (row: Sums): Tally => ({
  wins: Number(row.wins),
  ties: Number(row.ties),
  losses: Number(row.losses),
  flipped: Number(row.flipped),
  unread: Number(row.unread),
  failed: Number(row.failed),
  skipped: Number(row.skipped),
  waiting: Number(row.waiting),
})

const none: Arms = { routed: noTally, kept: noTally }
const tallied = (groups: readonly (Group & { tally: Tally })[]): Arms =>
  groups.reduce((sum, { arm, tally }) => ({ ...sum, [arm]: added(sum[arm], tally) }), none)

/** Chance is told of rules alone that choose by the prompt: of others nothing is in the arm that was kept. */
const chanceOf = (groups: readonly (Group & { tally: Tally })[]): ReturnType<typeof byChance> => {
  const choosing = new Set(groups.filter(({ arm }) => arm === 'kept').map(nameOf))
  return byChance(tallied(groups.filter((group) => choosing.has(nameOf(group)))))
}
const nameOf = ({ policy, rule }: RuleName): string => `${policy}/${rule}`

const told = (tally: Tally): QualityScored => ({ ...tally, ...scored(tally) })
const bothOf = (groups: readonly (Group & { tally: Tally })[]) => {
  const { routed, kept } = tallied(groups)
  return { routed: told(routed), kept: told(kept), byChance: chanceOf(groups) }
}

/** What is kept of the quality of the last `days`, in all, by rule and models, and from day to day. */
export async function readVerdicts(tx: Tx, { tenant }: Tenant, days: number): Promise<QualityFigures> {
  const today = Math.floor(Date.now() / day) * day
  const since = new Date(today - (days - 1) * day)
  const { rows } = await sql<Group & Sums>`
    select s.policy_id policy, s.rule, s.strong, s.cheap, s.arm, to_char(s.at at time zone 'UTC', 'YYYY-MM-DD') as day, ${sums}
    from gateway_quality_sample s where s.tenant_id = ${tenant} and s.at >= ${since}
    group by 1, 2, 3, 4, 5, 6 order by 1, 2, 3, 4`.execute(tx)
  const groups = rows.map((row) => ({ ...row, tally: toTally(row) }))
  const below = await tx
    .selectFrom('gateway_quality_rule')
    .select(['policy_id as policy', 'rule', 'fell_at', 'withdrawn_at'])
    .where('tenant_id', '=', tenant)
    .where('fell_at', 'is not', null)
    .orderBy('fell_at', 'desc')
    .execute()
  const names = await namesOf(tx, tenant, [...groups, ...below])
  const pairs = Map.groupBy(groups, (group) => [nameOf(group), group.strong, group.cheap].join(' '))
  const all = Array.from({ length: days }, (_, n) => new Date(since.getTime() + n * day).toISOString().slice(0, 10))
  const points = all.map((one) => {
    const until = groups.filter((group) => group.day <= one)
    const { routed, byChance: chance } = bothOf(until)
    return { day: one, n: routed.n, kept: routed.kept, byChance: chance }
  })
  return {
    ...bothOf(groups),
    pairs: [...pairs.values()].flatMap((of) => {
      const [first] = of
      if (first === undefined) return []
      const { policy, rule, strong, cheap } = first
      return { policy, rule, strong, cheap, name: names.get(policy) ?? null, ...bothOf(of) }
    }),
    points,
    rules: below.flatMap(({ policy, rule, fell_at: fell, withdrawn_at: withdrawn }) =>
      fell === null
        ? []
        : {
            policy,
            rule,
            name: names.get(policy) ?? null,
            fellAt: fell.toISOString(),
            withdrawnAt: withdrawn?.toISOString() ?? null,
          },
    ),
  }
}

const namesOf = async (tx: Tx, tenant: string, of: readonly RuleName[]): Promise<Map<string, string>> => {
  if (of.length === 0) return new Map()
  const ids = [...new Set(of.map(({ policy }) => policy))]
  const query = tx.selectFrom('steering_policy').select(['id', 'name']).where('tenant_id', '=', tenant)
  const rows = await query.where('id', 'in', ids).execute()
  return new Map(rows.map(({ id, name }) => [id, name]))
}

/** Looks whether a rule keeps enough, and does what is set to be done where it does not, once until it does again. */
export async function watchRule(tx: Tx, ctx: Context, { policy, rule }: RuleName): Promise<void> {
  const { tenant } = ctx
  const { bound, below } = await findSettings(tx, ctx)
  await tx
    .insertInto('gateway_quality_rule')
    .values({ tenant_id: tenant, policy_id: policy, rule })
    .onConflict((on) => on.columns(['tenant_id', 'policy_id', 'rule']).doNothing())
    .execute()
  const named = tx
    .selectFrom('gateway_quality_rule')
    .select(['fell_at', 'withdrawn_at'])
    .select(sql<Date>`greatest(counts_from, ${new Date(Date.now() - heldAgainst)})`.as('from'))
    .where('tenant_id', '=', tenant)
    .where('policy_id', '=', policy)
    .where('rule', '=', rule)
  const state = await named.forUpdate().executeTakeFirstOrThrow()
  const { rows } = await sql<Sums>`
    select ${sums} from gateway_quality_sample s
    where s.tenant_id = ${tenant} and s.policy_id = ${policy} and s.rule = ${rule} and s.arm = 'routed' and s.at >= ${state.from}`.execute(
    tx,
  )
  const tally = rows[0] === undefined ? noTally : toTally(rows[0])
  const { n, kept } = scored(tally)
  const falls = isBelow(tally, bound)
  // one that is out of force comes back by a person alone
  if (kept === null || state.withdrawn_at !== null || falls === (state.fell_at !== null)) return
  const at = falls ? new Date() : null
  const withdrawn = falls && below === 'withdraw' ? at : null
  await tx
    .updateTable('gateway_quality_rule')
    .set({ fell_at: at, withdrawn_at: withdrawn })
    .where('tenant_id', '=', tenant)
    .where('policy_id', '=', policy)
    .where('rule', '=', rule)
    .execute()
  const stream = sisterId('quality', tenant)
  const data = { policy, rule, kept: kept.value, high: kept.high, n, bound }
  const first = falls ? qualityDropped(stream, data) : qualityRecovered(stream, data)
  await append(tx, ctx, withdrawn === null ? [first] : [first, ruleWithdrawn(stream, data)])
}

/** What was said of a sample, which is written down as read by who asks. */
export async function openSample(tx: Tx, ctx: Context, seal: Seal, id: string): Promise<OpenedSample> {
  const row = await samplesOf(tx, ctx).where('s.id', '=', id).executeTakeFirst()
  if (row === undefined) throw new Fault('not_found')
  const { sealed, shadow_sealed: shadow, judged_sealed: judged } = row
  if (!row.readable || sealed === null || shadow === null || judged === null)
    throw new Fault('not_found', 'What was said is not kept of this sample, or not any more.')
  await append(tx, ctx, [qualitySampleOpened(id, {})])
  const said = openSide(seal, ctx, id, 'asked', sealed)
  const other = openSide(seal, ctx, id, 'shadow', shadow)
  const [strongAnswer, cheapAnswer] = row.arm === 'routed' ? [other, said.answer] : [said.answer, other]
  return {
    ...toSample(row),
    question: said.question,
    strongAnswer,
    cheapAnswer,
    judged: openSide(seal, ctx, id, 'judged', judged),
  }
}
