import type { Client } from '@temporalio/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Classifier } from '#schemas/gateway/classifiers.ts'
import { connectTemporal } from '#temporal/client.ts'
import { testKey } from './harness/database.ts'
import { csvOf, drawnOutcomes } from './harness/outcomes.ts'
import { enough } from './harness/many-leads.ts'
import { startPlatform, type Platform } from './harness/platform.ts'
import { until } from './harness/until.ts'

let platform: Platform
let temporal: Client
beforeAll(async () => {
  platform = await startPlatform({ processes: ['api', 'worker'] })
  temporal = connectTemporal({ address: platform.temporalAddress, namespace: platform.namespace, keys: [testKey] })
}, 120_000)
afterAll(async () => {
  await temporal.connection.close()
  await platform[Symbol.asyncDispose]()
})

test(
  'a training whose worker is killed begins anew with another, and is over once',
  async () => {
    const outcomes = csvOf(drawnOutcomes(20_000, 3))
    const { body } = await platform.post<Classifier>('/v1/gateway/classifiers', { outcomes })
    const at = `/v1/gateway/classifiers/${body.id}`
    await until('it is being trained', async () => {
      const { raw } = await temporal.workflow.getHandle(body.id).describe()
      return raw.pendingActivities?.[0]?.lastStartedTime != null
    })
    await platform.kill('worker')
    expect((await platform.get<Classifier>(at)).state).toBe('training')
    await platform.start('worker')
    await until('it is ready', async () => (await platform.get<Classifier>(at)).state === 'ready', enough)
    const { items } = await platform.get<{ items: { type: string }[] }>('/v1/events')
    expect(items.filter(({ type }) => type === 'classifier_trained')).toHaveLength(1)
  },
  enough,
)
