import type { Target } from '#schemas/gateway/routes.ts'
import { failure, type Failure } from '#schemas/gateway/wires/failure.ts'
import type { Caller, Models } from '../store-known.ts'
import { Account, type Accounted } from './account.ts'
import type { Asked } from './asked.ts'
import { Asking } from './asking.ts'
import { inOrder } from './choose.ts'
import { countHere } from './count.ts'
import { isAble, type Candidate } from './saying.ts'
import type { Sink } from './sink.ts'
import { speeches } from './speech.ts'
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
}

/** The models of a tenant, to whom they may answer: `write` is given the account of each request. */
export function createRelay(parts: {
  knowledge: Knowing
  upstream: Upstream
  write: (accounted: Accounted) => void
}): Relay {
  const { knowledge, upstream, write } = parts
  return {
    knowledge,
    ask(caller, models, asked, sink, over) {
      const targets = targetsOf(models, asked.model)
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
      if (targets === undefined)
        return here(
          failure('not_found', `There is no model “${asked.model}” here.`, { code: 'model_not_found', param: 'model' }),
        )
      if (caller.models !== null && !caller.models.includes(asked.model))
        return here(
          failure('forbidden', `This key may not ask “${asked.model}”.`, { code: 'model_not_allowed', param: 'model' }),
        )
      const candidates = inOrder(targets).flatMap((target): Candidate[] => {
        const provider = models.providers.get(target.provider)
        return provider?.enabled === true && isAble(provider, asked) ? [{ target, provider }] : []
      })
      if (asked.operation === 'count_tokens' && candidates.length === 0) return here(countHere(asked))
      const asking = new Asking(upstream, candidates, asked, account, sink, over)
      asking.begin()
      return asking
    },
  }
}

/** Those that a name leads to: of a route, or of a model called by its provider, such as `openai/gpt-5-mini`. */
const targetsOf = ({ routes, providers }: Models, name: string): readonly Target[] | undefined => {
  const route = routes.get(name)
  if (route !== undefined) return route
  const slash = name.indexOf('/')
  const provider = name.slice(0, Math.max(slash, 0))
  if (!providers.has(provider)) return undefined
  return [{ provider, model: name.slice(slash + 1), weight: 1, priority: 0 }]
}
