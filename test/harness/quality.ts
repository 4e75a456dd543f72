import { withTenant, type Databases } from '#activities/database.ts'
import { createGateway } from '#activities/gateway/complete.ts'
import { qualityActivities } from '#activities/gateway/quality.ts'
import { createAnswers } from '#activities/gateway/store-answers.ts'
import { changeQuality, type RuleName } from '#activities/gateway/store-quality.ts'
import { changeRecording } from '#activities/gateway/store-recording.ts'
import { addRoute } from '#activities/gateway/store-routes.ts'
import { sealSide } from '#activities/gateway/store-samples.ts'
import { createSeal } from '#activities/seal.ts'
import { createPolicy } from '#activities/steering/store.ts'
import { publish } from '#activities/steering/store-versions.ts'
import { usualQuality, type Arm, type QualityRun, type QualitySettings } from '#schemas/gateway/quality/index.ts'
import type { Verdict } from '#schemas/gateway/quality/judging.ts'
import { newId } from '#schemas/ids.ts'
import type { Context } from '#schemas/tenancy.ts'
import { testKey } from './database.ts'
import type { TestGateway } from './gateway.ts'
import { saying } from './guarded.ts'
import { until } from './until.ts'
import type { Asked, Behaviour } from './upstream.ts'

/** What is asked for, the cheaper one, and who judges. */
export const compared = { strong: 'gpt-5', cheap: 'gpt-5-nano', judge: 'gpt-4.1' } as const
export const [short, long] = ['Which lot has two?', `Which lot has two? ${'Look at each of them. '.repeat(20)}`]

/** Sends what is short to the cheaper model. */
export const easyRule = `name: Easy ones
rules:
  - id: easy
    for: { models: [fast] }
    when: prompt.tokens < 30
    decide: { downgrade: cheap }`

/** Puts in force the rule and the routes that it and the judge need; gives the policy. */
export const comparing = (db: Databases, ctx: Context, provider: string, rules = easyRule): Promise<string> =>
  withTenant(db, ctx, async (tx) => {
    for (const [alias, model] of [
      ['cheap', compared.cheap],
      ['judge', compared.judge],
    ] as const)
      await addRoute(tx, ctx, { alias, targets: [{ provider, model, weight: 1, priority: 0 }] })
    const { id } = await createPolicy(tx, ctx, rules)
    await publish(tx, ctx, id, { revision: 1 })
    return id
  })

/** Turns the guard of a tenant on for all requests, which is more than people may. */
export const watchAll = async (db: Databases, ctx: Context, given: Partial<QualitySettings> = {}): Promise<void> => {
  await withTenant(db, ctx, (tx) => changeQuality(tx, ctx, { ...usualQuality, on: true, judge: 'judge', ...given }))
  const all = { share: given.share ?? 1 }
  await db.system.updateTable('gateway_quality').set(all).where('tenant_id', '=', ctx.tenant).execute()
}

/** The same, and waits until a gateway has heard of it. */
export async function guardQuality(gateway: TestGateway, ctx: Context, given: Partial<QualitySettings> = {}) {
  await watchAll(gateway.database.db, ctx, given)
  await until('the guard is known', async () => {
    const { quality } = await gateway.relaying.relay.knowledge.models(ctx.tenant)
    return given.on === false ? quality === null : quality?.share === (given.share ?? 1)
  })
}

/** What stands between two lines of what a judge is asked. */
export const shownTo = ({ body }: Asked, title: string): string => {
  const turns = body['messages'] as { role: string; content: string }[]
  const [, said = ''] =
    new RegExp(`----- ${title} \\w+ -----\\n([\\s\\S]*?)\\n----- END OF`).exec(turns[1]!.content) ?? []
  return said
}

/** Each model answers by its name, and who judges prefers by `better`. */
export const answering = (better: (first: string, second: string) => string): Behaviour =>
  saying((asked) => {
    const model = String(asked.body['model'])
    if (model !== compared.judge || asked.body['response_format'] === undefined)
      return { text: `This is what ${model} says.` }
    const [first, second] = [shownTo(asked, 'FIRST ANSWER'), shownTo(asked, 'SECOND ANSWER')]
    return { text: JSON.stringify({ reason: 'It is clearer.', better: better(first, second) }) }
  })

/** Prefers whichever says this. */
export const preferring = (word: string) => (first: string, second: string) =>
  first.includes(word) ? 'first' : second.includes(word) ? 'second' : 'same'

/** The samples of a tenant, oldest first. */
export const samplesIn = (db: Databases, { tenant }: Context) =>
  db.system.selectFrom('gateway_quality_sample').selectAll().where('tenant_id', '=', tenant).orderBy('id').execute()

/** Works at all that waits of a tenant, as its workflow does; gives how many samples that were. */
export async function judgeAll(gateway: TestGateway, { tenant }: Context): Promise<number> {
  const { db } = gateway.database
  const seal = createSeal([testKey])
  const { relay } = gateway.relaying
  const activities = qualityActivities({
    db,
    seal,
    relay,
    gateway: createGateway({
      relay,
      answers: createAnswers(db, seal),
    }),
  })
  await gateway.relaying.flush()
  const open = db.system.selectFrom('gateway_quality_run').select('id').where('tenant_id', '=', tenant)
  const row = await open.where('closed_at', 'is', null).executeTakeFirst()
  if (row === undefined) return 0
  const run: QualityRun = { run: row.id, tenant }
  for (let count = 0; ;) {
    const samples = await activities.nextSamples(run)
    if (samples.length === 0) return count
    count += samples.length
    for (const sample of samples) {
      await activities.askShadow({ ...run, sample })
      await activities.judgeSample({ ...run, sample })
    }
    await gateway.relaying.flush()
  }
}

/** Verdicts of a rule as if they had been reached, each of a request of its own. */
export async function judgedBefore(
  db: Databases,
  { tenant }: Context,
  { policy, rule }: RuleName,
  verdicts: readonly Verdict[],
  { arm = 'routed', daysAgo = 0 }: { arm?: Arm; daysAgo?: number } = {},
): Promise<string[]> {
  const at = new Date(Date.now() - daysAgo * 86_400_000)
  const rows = verdicts.map((verdict) => ({
    id: newId('modelRequest'),
    tenant_id: tenant,
    at,
    arm,
    policy_id: policy,
    rule,
    asked: 'fast',
    strong: 'gpt/gpt-5',
    cheap: 'gpt/gpt-5-nano',
    other: 'fast',
    operation: 'chat' as const,
    recorded: false,
    state: 'judged' as const,
    verdict,
    expires_at: at,
    closed_at: at,
  }))
  await db.system.insertInto('gateway_quality_sample').values(rows).execute()
  return rows.map(({ id }) => id)
}

/** A sample that can be read: its tenant records bodies. */
export async function readableSample(db: Databases, ctx: Context, rule: RuleName, of?: string): Promise<string> {
  const seal = createSeal([testKey])
  const [made = ''] = await judgedBefore(db, ctx, rule, ['tie'])
  const id = of ?? made
  const asked = { body: '{}', question: 'Their lead', answer: 'Their lead', headers: {}, settings: null }
  await withTenant(db, ctx, (tx) => changeRecording(tx, ctx, { of: 'everything' }))
  await db.system
    .updateTable('gateway_quality_sample')
    .set({
      id,
      recorded: true,
      sealed: sealSide(seal, ctx, id, 'asked', asked),
      shadow_sealed: sealSide(seal, ctx, id, 'shadow', 'Their lead'),
      judged_sealed: sealSide(seal, ctx, id, 'judged', [{ first: 'cheap', says: 'same', reason: 'Their lead' }]),
      expires_at: new Date(Date.now() + 86_400_000),
    })
    .where('id', '=', made)
    .execute()
  return id
}
