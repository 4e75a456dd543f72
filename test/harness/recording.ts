import { withTenant } from '#activities/database.ts'
import { readBodies } from '#activities/gateway/store-bodies.ts'
import { changeRecording } from '#activities/gateway/store-recording.ts'
import type { Recorded } from '#activities/gateway/relay/recorder.ts'
import { createSeal } from '#activities/seal.ts'
import type { Bodies } from '#schemas/gateway/bodies.ts'
import type { RecordingSettings } from '#schemas/gateway/recording.ts'
import type { Context } from '#schemas/tenancy.ts'
import { testKey } from './database.ts'
import type { TestGateway } from './gateway.ts'
import { until } from './until.ts'

/** Says of which requests of a tenant bodies are kept, and waits until its gateway has heard of it. */
export async function setRecording(
  gateway: TestGateway,
  ctx: Context,
  given: Partial<RecordingSettings> = { of: 'everything' },
): Promise<void> {
  const before = (await gateway.relaying.relay.knowledge.models(ctx.tenant)).recording
  await withTenant(gateway.database.db, ctx, (tx) => changeRecording(tx, ctx, given))
  await until('what is recorded is as it was set', async () => {
    const { recording } = await gateway.relaying.relay.knowledge.models(ctx.tenant)
    return recording !== before || (before === null && given.of === 'nothing')
  })
}

/** What was recorded of each request of a tenant, oldest first; null of those of which nothing was. */
export async function recordedOf(gateway: TestGateway, ctx: Context): Promise<(Bodies | null)[]> {
  const rows = await gateway.written(ctx)
  return Promise.all(
    rows.map(async ({ id, recorded_days: days }) => (days === null ? null : bodiesOf(gateway, ctx, id))),
  )
}

const bodiesOf = (gateway: TestGateway, ctx: Context, id: string) =>
  withTenant(gateway.database.db, ctx, (tx) => readBodies(tx, ctx, createSeal([testKey]), id))

/** A request with bodies of a conversation, as the gateway gives it to be written down. */
export const recorded = (
  of: Pick<Recorded, 'id' | 'tenant' | 'at' | 'days'>,
  bodies: { asked?: string; answer?: string } = {},
): Recorded => {
  const { asked = '{"messages":[]}', answer = '{"choices":[]}' } = bodies
  const body = (text: string) => {
    const kept = Buffer.from(text)
    return { type: 'application/json', bytes: kept.length, whole: true, gathered: false, withheld: null, kept }
  }
  return { ...of, operation: 'chat', asked: body(asked), answer: () => body(answer), held: 0 }
}
