import { readAsked } from '#activities/gateway/relay/asked.ts'
import { contextOf } from '#activities/gateway/relay/listed.ts'
import { pricePerMillion } from '#activities/gateway/relay/price.ts'
import type { KnownRoute, Models } from '#activities/gateway/store-known.ts'
import type { Handlers } from '#api/contract.ts'
import type { ApiDeps } from '#api/deps.ts'
import { Fault } from '#schemas/errors.ts'
import type { PlaygroundModel, playgroundRoutes } from '#schemas/gateway/playground.ts'
import { answerTo, callerOf } from './person.ts'

export const playgroundHandlers = ({
  db,
  relay,
}: Pick<ApiDeps, 'db' | 'relay'>): Handlers<typeof playgroundRoutes> => ({
  'GET /v1/gateway/playground/models': async ({ ctx }) => {
    const models = await relay.knowledge.models(ctx.tenant)
    const items = [...models.routes].map(([alias, route]) => ({ alias, targets: targetsOf(models, route) }))
    return { items: items.toSorted((a, b) => a.alias.localeCompare(b.alias, 'en')) }
  },
  'POST /v1/gateway/playground/answers': async ({ ctx, body, c }) => {
    // what a model cannot be told is left out, and said in a header
    const asked = readAsked('chat', Buffer.from(JSON.stringify(body)), {}, true)
    if ('why' in asked) throw new Fault('invalid', asked.why)
    return answerTo(c, relay, await callerOf(db, ctx, 'playground'), asked)
  },
})

const targetsOf = (models: Models, { targets }: KnownRoute): PlaygroundModel['targets'] =>
  targets
    .toSorted((a, b) => a.priority - b.priority)
    .flatMap(({ provider: name, model, capabilities, context }) => {
      const provider = models.providers.get(name)
      if (provider?.enabled !== true) return []
      const { kind } = provider
      const price = pricePerMillion({ provider: name, kind, model }, Date.now(), models.rates)
      const room = context ?? contextOf(kind, model)
      return [{ provider: name, kind, model, price, capabilities: capabilities ?? null, context: room }]
    })
