import { sql } from 'kysely'
import OpenAI from 'openai'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { withTenant } from '#activities/database.ts'
import { createVirtualKey } from '#activities/gateway/store-keys.ts'
import { addProvider } from '#activities/gateway/store-providers.ts'
import { addRoute } from '#activities/gateway/store-routes.ts'
import { createSeal } from '#activities/seal.ts'
import { connectTemporal } from '#temporal/client.ts'
import { testKey } from './harness/database.ts'
import { enough } from './harness/many-leads.ts'
import { startPlatform, type Platform } from './harness/platform.ts'
import { answering, compared, comparing, preferring, samplesIn, short, watchAll } from './harness/quality.ts'
import { until } from './harness/until.ts'
import { startUpstream, type TestUpstream } from './harness/upstream.ts'

let platform: Platform
let upstream: TestUpstream
let temporal: ReturnType<typeof connectTemporal>
beforeAll(async () => {
  upstream = await startUpstream(answering(preferring(`${compared.strong} says`)))
  platform = await startPlatform({
    processes: ['api', 'worker', 'projector'],
    env: { AUTERITY_OUTGOING_ALLOW: '127.0.0.1/32' },
  })
  temporal = connectTemporal({ address: platform.temporalAddress, namespace: platform.namespace, keys: [testKey] })
}, 120_000)
afterAll(async () => {
  await temporal.connection.close()
  await platform[Symbol.asyncDispose]()
  await upstream[Symbol.asyncDispose]()
})

test(
  'a worker that is killed between the two answers and the judge leaves the rest to the next, and nobody is asked twice',
  async () => {
    const { ctx, database, url } = platform
    const { db } = database
    const { key } = await withTenant(db, ctx, async (tx) => {
      const given = { kind: 'openai', name: 'gpt', baseUrl: upstream.url, apiKey: 'sk-gpt' } as const
      await addProvider(tx, ctx, createSeal([testKey]), given)
      await addRoute(tx, ctx, {
        alias: 'fast',
        targets: [{ provider: 'gpt', model: compared.strong, weight: 1, priority: 0 }],
      })
      return createVirtualKey(tx, ctx, { name: 'Desk', models: null, tags: {} })
    })
    await comparing(db, ctx, 'gpt')
    await watchAll(db, ctx)
    const openai = new OpenAI({ apiKey: key, baseURL: `${url}/gateway/openai/v1`, maxRetries: 0 })
    const asked = (model: string) => upstream.asked.filter(({ body }) => body['model'] === model).length

    // whoever wants to know who judges waits, which is after the other model has answered
    const locked = Promise.withResolvers<void>()
    const release = Promise.withResolvers<void>()
    const usually = answering(preferring(`${compared.strong} says`))
    upstream.next(usually, (response, one) => void locked.promise.then(() => usually(response, one)))
    await openai.chat.completions.create({ model: 'fast', messages: [{ role: 'user', content: short }] })
    await until('the other model is asked', () => Promise.resolve(asked(compared.strong) === 1))
    const held = db.system.transaction().execute(async (tx) => {
      await sql`lock table gateway_quality in access exclusive mode`.execute(tx)
      locked.resolve()
      await release.promise
    })
    const sample = await until('both answers are there', async () => {
      const [one] = await samplesIn(db, ctx)
      return one?.shadow_sealed != null && one
    })
    const run = await db.system.selectFrom('gateway_quality_run').select('id').executeTakeFirstOrThrow()
    await until('it is being judged', async () => {
      const { raw } = await temporal.workflow.getHandle(run.id).describe()
      return raw.pendingActivities?.some(
        ({ activityType, lastStartedTime }) => activityType?.name === 'judgeSample' && lastStartedTime != null,
      )
    })
    await platform.kill('worker')
    release.resolve()
    await held
    expect(asked(compared.judge)).toBe(0)
    await platform.start('worker')
    await until('it is judged', async () => (await samplesIn(db, ctx))[0]?.state === 'judged', enough)
    expect((await samplesIn(db, ctx))[0]).toMatchObject({ id: sample.id, verdict: 'loss', sealed: null })
    expect([compared.cheap, compared.strong, compared.judge].map(asked)).toEqual([1, 1, 2])
    await until('the workflow is over', async () => {
      const { status } = await temporal.workflow.getHandle(run.id).describe()
      return status.name === 'COMPLETED'
    })

    // what comes after it is over is of another run
    await openai.chat.completions.create({ model: 'fast', messages: [{ role: 'user', content: `${short} Now?` }] })
    await until(
      'the next one is judged too',
      async () => (await samplesIn(db, ctx)).filter(({ state }) => state === 'judged').length === 2,
      enough,
    )
    const runs = await db.system.selectFrom('gateway_quality_run').select('id').execute()
    expect(runs).toHaveLength(2)
  },
  enough,
)
