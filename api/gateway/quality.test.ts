import { expect, test } from 'vitest'
import { withSystem, withTenant } from '#activities/database.ts'
import { addProvider } from '#activities/gateway/store-providers.ts'
import { addRoute } from '#activities/gateway/store-routes.ts'
import { forgetSamples } from '#activities/gateway/store-samples.ts'
import { watchRule } from '#activities/gateway/store-verdicts.ts'
import { createSeal } from '#activities/seal.ts'
import { createPolicy } from '#activities/steering/store.ts'
import { usualQuality, type QualityFigures, type QualityGuard } from '#schemas/gateway/quality/index.ts'
import { instructions, type Verdict } from '#schemas/gateway/quality/judging.ts'
import { newId } from '#schemas/ids.ts'
import { testKey } from '#test/harness/database.ts'
import { ownApi } from '#test/harness/own-api.ts'
import { withKey } from '#test/harness/people.ts'
import { easyRule, judgedBefore, readableSample, samplesIn } from '#test/harness/quality.ts'

const api = ownApi()
const { send } = api
const at = '/v1/gateway/quality-guard'
const { prompt: _, ...off } = { ...usualQuality, prompt: instructions }

/** Somebody with a route that can judge, and a rule to be judged. */
const someone = async () => {
  const { authorization, ctx } = await withKey(api.db)
  const policy = await withTenant(api.db, ctx, async (tx) => {
    const provider = { kind: 'openai', name: 'gpt', baseUrl: 'http://127.0.0.1:1', apiKey: 'sk' } as const
    await addProvider(tx, ctx, createSeal([testKey]), provider)
    for (const [alias, model] of [
      ['judge', 'gpt-4.1'],
      ['nano', 'gpt-5-nano'],
    ] as const)
      await addRoute(tx, ctx, { alias, targets: [{ provider: 'gpt', model, weight: 1, priority: 0 }] })
    return (await createPolicy(tx, ctx, easyRule)).id
  })
  const rule = { policy, rule: 'easy' }
  return {
    ctx,
    rule,
    ask: (route: string, body?: unknown) => send(route, body, { authorization }),
    set: (given: object) => send(`PUT ${at}`, { ...off, on: true, judge: 'judge', ...given }, { authorization }),
    guard: async () => (await send(`GET ${at}`, undefined, { authorization })).body as QualityGuard,
    figures: async (days = 30) =>
      (await send(`GET ${at}/figures?days=${days}`, undefined, { authorization })).body as QualityFigures,
    watch: () => withTenant(api.db, ctx, (tx) => watchRule(tx, ctx, rule)),
    judged: (verdicts: readonly Verdict[], more: Parameters<typeof judgedBefore>[4] = {}) =>
      judgedBefore(api.db, ctx, rule, verdicts, more),
    events: async () => {
      const { body } = await send('GET /v1/events', undefined, { authorization })
      return (body.items as { type: string; data: object }[]).filter(({ type }) => type.startsWith('quality_'))
    },
  }
}
const times = (count: number, verdict: Verdict): Verdict[] => Array.from({ length: count }, () => verdict)

test('it is off until somebody turns it on, which is in the audit log; no other tenant sees it', async () => {
  const [one, other] = [await someone(), await someone()]
  expect(await one.guard()).toEqual({ ...off, changedAt: null, spentToday: 0, prompt: instructions, warnings: [] })
  const { body } = await one.set({ share: 0.02, below: 'withdraw' })
  expect(body).toMatchObject({ on: true, share: 0.02, judge: 'judge', below: 'withdraw', dailyUsd: 5 })
  expect(await one.events()).toMatchObject([{ type: 'quality_guard_changed', data: { share: 0.02, judge: 'judge' } }])
  expect(await other.guard()).toMatchObject({ on: false, changedAt: null })
})

test.each([
  [{ share: 0.2 }, '/body/share'],
  [{ share: 0 }, '/body/share'],
  [{ bound: 1 }, '/body/bound'],
  [{ dailyUsd: -1 }, '/body/dailyUsd'],
  [{ below: 'shout' }, '/body/below'],
  [{ judge: null }, '/body/judge'],
  [{ judge: 'nobody' }, '/body/judge'],
])('%j is refused, and changes nothing', async (given, path) => {
  const one = await someone()
  expect(await one.set(given)).toMatchObject({ status: 422, body: { issues: [{ path }] } })
  expect(await one.guard()).toMatchObject({ on: false, changedAt: null })
})

test('a judge that is one of those that are compared is warned of, and so is one that is gone', async () => {
  const one = await someone()
  await one.judged(['win'])
  await one.set({ judge: 'nano' })
  const { warnings } = await one.guard()
  expect(warnings).toHaveLength(1)
  expect(warnings[0]).toContain('“nano” leads to gpt/gpt-5-nano, which is one of the models that are compared.')
  await one.set({})
  expect((await one.guard()).warnings).toEqual([])
  await api.db.system.deleteFrom('gateway_route').where('tenant_id', '=', one.ctx.tenant).execute()
  expect((await one.guard()).warnings[0]).toContain('There is no route “judge” any more')
})

test('figures count both arms, by rule and from day to day, and those of other tenants never', async () => {
  const [one, other] = [await someone(), await someone()]
  await other.judged(times(9, 'loss'))
  await one.judged(['win', 'tie', 'loss'], { daysAgo: 2 })
  await one.judged(['loss'])
  await one.judged(['tie', 'loss'], { arm: 'kept' })
  await one.judged(times(5, 'win'), { daysAgo: 40 })
  const { routed, kept, byChance, pairs, points, rules } = await one.figures(7)
  expect(routed).toMatchObject({ n: 4, wins: 1, ties: 1, losses: 2, kept: { value: 0.5 }, net: -0.25 })
  expect(kept).toMatchObject({ n: 2, kept: { value: 0.5 } })
  expect(byChance?.value).toBe(0.5)
  expect(pairs).toMatchObject([
    { ...one.rule, name: 'Easy ones', strong: 'gpt/gpt-5', cheap: 'gpt/gpt-5-nano', routed: { n: 4 } },
  ])
  expect(points.map(({ n }) => n)).toEqual([0, 0, 0, 0, 3, 3, 4])
  expect(points[4]).toMatchObject({ kept: { value: 2 / 3 }, byChance: null })
  expect(rules).toEqual([])
  expect((await one.figures(60)).routed.n).toBe(9)
})

test('chance is told of those rules alone that choose by the prompt', async () => {
  const one = await someone()
  await one.judged(['win', 'loss'])
  await one.judged(times(2, 'loss'), { arm: 'kept' })
  await judgedBefore(api.db, one.ctx, { ...one.rule, rule: 'nights' }, times(8, 'win'))
  const { routed, byChance, pairs } = await one.figures()
  expect([routed.kept?.value, byChance?.value]).toEqual([0.9, 0.25])
  expect(pairs.map((pair) => [pair.rule, pair.byChance?.value])).toEqual([
    ['easy', 0.25],
    ['nights', undefined],
  ])
})

test('a rule that keeps too little is told of once, and again only after it has kept enough', async () => {
  const one = await someone()
  await one.set({})
  await one.judged(times(19, 'loss'))
  await one.watch()
  expect((await one.figures()).rules).toEqual([])
  await one.judged(['loss'])
  await one.watch()
  await one.watch()
  expect((await one.figures()).rules).toMatchObject([{ ...one.rule, name: 'Easy ones', withdrawnAt: null }])
  const [fell, ...before] = await one.events()
  expect(fell).toMatchObject({ type: 'quality_dropped', data: { ...one.rule, kept: 0, n: 20, bound: 0.98 } })
  expect(before.map(({ type }) => type)).toEqual(['quality_guard_changed'])
  await one.set({ bound: 0.5 })
  await one.judged(times(40, 'win'))
  await one.watch()
  expect((await one.events()).map(({ type }) => type).slice(0, 2)).toEqual([
    'quality_recovered',
    'quality_guard_changed',
  ])
  expect((await one.figures()).rules).toEqual([])
})

test('where it is set so, the rule is taken out of force until somebody puts it back, and then counts anew', async () => {
  const [one, other] = [await someone(), await someone()]
  await one.set({ below: 'withdraw' })
  const restore = (who: typeof one, given: object = one.rule) => who.ask(`POST ${at}/restore`, given)
  expect((await restore(one)).status).toBe(404)
  await one.judged(times(25, 'loss'))
  await Promise.all([one.watch(), one.watch(), one.watch()])
  const told = (await one.events()).map(({ type }) => type)
  expect(told).toEqual(['quality_rule_withdrawn', 'quality_dropped', 'quality_guard_changed'])
  expect((await one.figures()).rules).toMatchObject([{ ...one.rule, withdrawnAt: expect.any(String) as string }])
  expect((await restore(other)).status).toBe(404)
  expect((await restore(one, { ...one.rule, rule: '' })).status).toBe(422)
  expect((await restore(one)).status).toBe(200)
  expect((await restore(one)).status).toBe(404)
  expect((await one.events())[0]).toMatchObject({ type: 'quality_rule_restored', data: one.rule })
  await one.watch()
  expect((await one.figures()).rules).toEqual([])
})

test('verdicts of the other arm, and of long ago, are not held against a rule', async () => {
  const one = await someone()
  await one.set({ below: 'withdraw' })
  await one.judged(times(30, 'loss'), { arm: 'kept' })
  await one.judged(times(30, 'loss'), { daysAgo: 31 })
  await one.judged(times(5, 'loss'))
  await one.watch()
  expect((await one.figures()).rules).toEqual([])
})

test('samples are listed from the newest on, page by page, and only those of their tenant', async () => {
  const [one, other] = [await someone(), await someone()]
  const ids = await one.judged(['win', 'tie', 'loss'])
  const first = await one.ask(`GET ${at}/samples?limit=2`)
  const rest = await one.ask(`GET ${at}/samples?limit=2&cursor=${first.body.next}`)
  const listed = [...first.body.items, ...rest.body.items] as {
    modelRequest: string
    verdict: string
    readable: boolean
  }[]
  expect(listed.map(({ modelRequest }) => modelRequest)).toEqual(ids.toReversed())
  expect(listed.map(({ verdict, readable }) => [verdict, readable])).toEqual([
    ['loss', false],
    ['tie', false],
    ['win', false],
  ])
  expect((await other.ask(`GET ${at}/samples`)).body.items).toEqual([])
  const readable = await readableSample(api.db, one.ctx, one.rule)
  expect((await one.ask(`GET ${at}/samples/${readable}`)).body).toMatchObject({ strongAnswer: 'Their lead' })
  expect((await other.ask(`GET ${at}/samples/${readable}`)).status).toBe(404)
  for (const who of [one, other])
    for (const id of [ids[0]!, newId('modelRequest')])
      expect((await who.ask(`GET ${at}/samples/${id}`)).status).toBe(404)
})

test('what was said goes after its time, judged or not; verdicts stay for a year', async () => {
  const one = await someone()
  const [recent] = await one.judged(['win'], { daysAgo: 10 })
  const [old] = await one.judged(['win'], { daysAgo: 400 })
  const [waiting] = await one.judged(['win'], { daysAgo: 5 })
  const row = api.db.system.updateTable('gateway_quality_sample')
  await row
    .set({ sealed: Buffer.from('x') })
    .where('id', 'in', [recent!, waiting!])
    .execute()
  await row.set({ state: 'waiting', verdict: null, closed_at: null }).where('id', '=', waiting!).execute()
  await withSystem(api.db, (tx) => forgetSamples(tx, new Date(), 1000))
  const left = await samplesIn(api.db, one.ctx)
  expect(new Set(left.map(({ id }) => id))).toEqual(new Set([recent, waiting]))
  expect(left.map(({ id }) => id)).not.toContain(old)
  expect(left.find(({ id }) => id === waiting)).toMatchObject({ state: 'skipped', sealed: null })
  expect(left.find(({ id }) => id === recent)).toMatchObject({ state: 'judged', sealed: null })
})
