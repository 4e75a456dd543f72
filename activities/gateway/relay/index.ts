import type { Log } from '#activities/log.ts'
import { targetOf } from '#schemas/gateway/routes.ts'
import { usualRouting } from '#schemas/gateway/routing.ts'
import { failure, type Failure } from '#schemas/gateway/wires/failure.ts'
import type { Caller, KnownRoute, Models } from '../store-known.ts'
import { Account, type Accounted } from './account.ts'
import type { Asked } from './asked.ts'
import { Asking, type Means } from './asking.ts'
import { countHere } from './count.ts'
import { Health, type StateChange } from './health.ts'
import { Needs } from './needs.ts'
import { Pace } from './pace.ts'
import { Plan } from './plan.ts'
import { Probes } from './probes.ts'
import { seedOf } from './prefix.ts'
import { isAble, type Candidate } from './saying.ts'
import type { Sink } from './sink.ts'
import { speeches } from './speech.ts'
import { Ordering } from './ordering.ts'
import type { Upstream } from './upstream.ts'

/** A request that is under way. */
export type UnderWay = { abandon(): void }

/** Who asks, by the secret, and what answers at a tenant: at once where it is known already. */
export type Knowing = {
  caller(secret: string): Caller | null | Promise<Caller | null>
  models(tenant: string): Models | Promise<Models>
}

export type Relay = {
  readonly knowledge: Knowing
  /** Answers into `sink`; `over` is called once nothing more will come. */
  ask(caller: Caller, models: Models, asked: Asked, sink: Sink, over: () => void): UnderWay
  /** Nobody is asked by itself any more. */
  close(): void
}

/** The models of a tenant, to whom they may answer: `write` is given the account of each request. */
export function createRelay(parts: {
  knowledge: Knowing
  upstream: Upstream
  write: (accounted: Accounted) => void
  /** Is told who is not well any more, and who is again. */
  changed: (change: StateChange) => void
  log: Log
}): Relay {
  const { knowledge, upstream, write, changed, log } = parts
  const pace = new Pace()
  const ordering = new Ordering(pace)
  const health = new Health(changed)
  const probes = new Probes(upstream, health)
  const means: Means = { upstream, health, probes, pace, log }
  return {
    knowledge,
    close: () => probes.close(),
    ask(caller, models, asked, sink, over) {
      const route = routeOf(models, asked.model)
      const alias = models.routes.has(asked.model) ? asked.model : null
      const account = new Account(caller, asked, alias, write)
      const here = (said: { body: string } | Failure): UnderWay => {
        const { id, ...speech } = speeches[asked.operation]
        const refused = 'class' in said
        account.over()
        if (refused) account.failed(said)
        else account.answered(null, 200)
        const { status, body } = refused ? speech.refuse(said) : { status: 200, ...said }
        sink.begin(status, { 'content-type': 'application/json', [id]: account.id })
        sink.end(body)
        over()
        return { abandon() {} }
      }
      if (route === undefined)
        return here(
          failure('not_found', `There is no model “${asked.model}” here.`, { code: 'model_not_found', param: 'model' }),
        )
      if (caller.models !== null && !caller.models.includes(asked.model))
        return here(
          failure('forbidden', `This key may not ask “${asked.model}”.`, { code: 'model_not_allowed', param: 'model' }),
        )
      const { targets, routing } = route
      const needs = new Needs(asked)
      const able = targets.flatMap((target): Candidate[] => {
        const provider = models.providers.get(target.provider)
        return provider?.enabled === true && isAble(provider, asked) ? [{ target, provider }] : []
      })
      if (asked.operation === 'count_tokens' && able.length === 0) return here(countHere(asked))
      const met = able.filter(({ target }) => needs.metBy(target))
      if (met.length === 0 && able.length > 0) return here(unmet(needs))
      const seed = isOneWay(met) ? 0 : seedOf(asked)
      const candidates = ordering.order(met, routing, { tenant: caller.tenant, asked, needs, seed })
      const plan = new Plan(caller.tenant, candidates, seed, routing, means.health)
      const asking = new Asking(means, plan, routing, asked, account, { sink, over })
      asking.begin()
      return asking
    },
  }
}

const isOneWay = ([first, second]: readonly Candidate[]): boolean =>
  second === undefined && (first === undefined || first.provider.keys.length < 2)

const unmet = (needs: Needs): Failure =>
  failure(
    'invalid',
    `No model of this name can be asked for this: it needs ${needs.capabilities.join(', ') || 'text'}, and about ${needs.tokens} tokens of context.`,
    { code: 'model_not_able', param: 'model' },
  )

/** What a name leads to: a route, or a model called by its provider, such as `openai/gpt-5-mini`. */
const routeOf = ({ routes, providers }: Models, name: string): KnownRoute | undefined => {
  const route = routes.get(name)
  if (route !== undefined) return route
  const slash = name.indexOf('/')
  const provider = name.slice(0, Math.max(slash, 0))
  if (providers.get(provider)?.shared !== false) return undefined
  return { targets: [targetOf(provider, name.slice(slash + 1))], routing: usualRouting }
}
