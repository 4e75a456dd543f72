import { createSeal } from '#activities/seal.ts'
import type { QualitySettings } from '#schemas/gateway/quality/index.ts'
import { testKey } from './database.ts'
import { useGateway, type Asker } from './gateway.ts'
import { guard } from './guarded.ts'
import { answering, compared, comparing, guardQuality, preferring, samplesIn } from './quality.ts'
import { until } from './until.ts'

/** For the tests of a file: a gateway, and tenants whose requests are all sampled, at whom the judge prefers the model that was asked for. */
export async function useComparing() {
  const { gateway, gpt } = await useGateway({ gpt: answering(preferring(`${compared.strong} says`)) })
  const { db } = gateway.database
  return {
    gateway,
    gpt,
    db,
    seal: createSeal([testKey]),
    asker: async (given: Partial<QualitySettings> = {}, rules?: string): Promise<Asker & { policy: string }> => {
      const made = await gateway.tenant(
        [{ kind: 'openai', name: 'gpt', baseUrl: gpt.url, apiKey: 'sk-gpt' }],
        [{ provider: 'gpt', model: compared.strong }],
      )
      if (rules?.includes('guardrail') === true) await guard(gateway, made.ctx, 'pii', null)
      const policy = await comparing(db, made.ctx, 'gpt', rules)
      await guardQuality(gateway, made.ctx, given)
      await until('the rule is known', async () => {
        return (await gateway.relaying.relay.knowledge.models(made.ctx.tenant)).steering?.everybody != null
      })
      return { ...made, policy }
    },
    ask: ({ openai }: Asker, content: string, more: object = {}) =>
      openai.chat.completions.create({ model: 'fast', messages: [{ role: 'user', content }], ...more, stream: false }),
    stream: async ({ openai }: Asker, content: string): Promise<void> => {
      const messages = [{ role: 'user' as const, content }]
      for await (const _ of await openai.chat.completions.create({ model: 'fast', messages, stream: true }));
    },
    samples: async ({ ctx }: Asker) => {
      await gateway.relaying.flush()
      return samplesIn(db, ctx)
    },
    /** Which models were asked, and what the judge was. */
    modelsAsked: () => gpt.asked.map(({ body }) => body['model']),
    judged: () => gpt.asked.filter(({ body }) => body['model'] === compared.judge),
  }
}
