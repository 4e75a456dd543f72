import type { Target } from '#schemas/gateway/routes.ts'
import { failure, retryHeaders, type Failure } from '#schemas/gateway/wires/failure.ts'
import type { Caller, Models } from '../store-known.ts'
import { Account } from './account.ts'
import type { Asked } from './asked.ts'
import { Asking } from './asking.ts'
import type { Books, Held, Refused } from './books.ts'
import { inOrder } from './choose.ts'
import { countHere } from './count.ts'
import { retryAdvice } from './over-budget.ts'
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

/** The models of a tenant, to whom they may answer; what each request costs is in the books. */
export function createRelay(parts: { knowledge: Knowing; upstream: Upstream; books: Books }): Relay {
  const { knowledge, upstream, books } = parts
  return {
    knowledge,
    ask(caller, models, asked, sink, over) {
      const targets = targetsOf(models, asked.model)
      const alias = models.routes.has(asked.model) ? asked.model : null
      let held: Held | null = null
      let budget: string | null = null
      const account = new Account(caller, asked, alias, (row) => books.write({ ...row, budget }, held))
      const here = (said: { body: string } | Failure): UnderWay => {
        const { id, ...speech } = speeches[asked.operation]
        const refused = 'class' in said
        account.over()
        if (refused) account.failed(said)
        else account.answered(null, 200)
        const { status, body } = refused ? speech.refuse(said) : { status: 200, ...said }
        const headers = refused ? { ...retryHeaders(said), ...retryAdvice(said) } : {}
        sink.begin(status, { 'content-type': 'application/json', ...headers, [id]: account.id })
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
      const go = (opened: Held | Refused): UnderWay => {
        if ('why' in opened) {
          budget = opened.budget
          return here(opened.why)
        }
        held = opened
        const asking = new Asking(upstream, opened.candidates, asked, account, sink, over)
        asking.begin()
        return asking
      }
      const opened = books.open({ account, caller, models, asked, candidates })
      if (!(opened instanceof Promise)) return go(opened)
      return later(opened, go, (late) => {
        if (!('why' in late)) held = late
        account.over()
        account.cancelled(null)
        over()
      })
    },
  }
}

const unopened = (): Refused => ({
  why: failure('internal', 'Something went wrong on our side.'),
  budget: null,
})

/** One that waits for what it may spend; `left` where its caller has gone meanwhile. */
const later = (
  opening: Promise<Held | Refused>,
  go: (opened: Held | Refused) => UnderWay,
  left: (opened: Held | Refused) => void,
): UnderWay => {
  let isLeft = false
  let underWay: UnderWay | undefined
  const wait = async () => {
    const opened = await opening.catch(unopened)
    if (isLeft) left(opened)
    else underWay = go(opened)
  }
  void wait()
  return {
    abandon() {
      isLeft = true
      underWay?.abandon()
    },
  }
}

/** Those that a name leads to: of a route, or of a model called by its provider, such as `openai/gpt-5-mini`. */
const targetsOf = ({ routes, providers }: Models, name: string): readonly Target[] | undefined => {
  const route = routes.get(name)
  if (route !== undefined) return route
  const slash = name.indexOf('/')
  const provider = name.slice(0, Math.max(slash, 0))
  if (providers.get(provider)?.shared !== false) return undefined
  return [{ provider, model: name.slice(slash + 1), weight: 1, priority: 0 }]
}
