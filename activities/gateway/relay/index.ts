import { failure, type Failure } from '#schemas/gateway/wires/failure.ts'
import type { Caller, Models } from '../store-known.ts'
import { Account, type Accounted } from './account.ts'
import type { Asked } from './asked.ts'
import { Asking } from './asking.ts'
import { inOrder } from './choose.ts'
import { countHere } from './count.ts'
import { withoutBudgets, type BudgetOf } from './facts.ts'
import { isAble, type Candidate } from './saying.ts'
import type { Sink } from './sink.ts'
import { speeches } from './speech.ts'
import { wayOf } from './steer.ts'
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
  /** How much of its budgets a request may still use, as rules see it. */
  budgetOf?: BudgetOf
}): Relay {
  const { knowledge, upstream, write, budgetOf = withoutBudgets } = parts
  return {
    knowledge,
    ask(caller, models, given, sink, over) {
      const { targets, alias, steered, settings, refusal } = wayOf(models, caller, given, budgetOf)
      const asked = settings === null ? given : { ...given, settings }
      const account = new Account(caller, asked, { alias, steered }, write)
      const here = (said: { body: string } | Failure): UnderWay => {
        const { id, ...speech } = speeches[asked.operation]
        const refused = 'class' in said
        account.over()
        if (refused) account.failed(said)
        else account.answered(null, 200)
        const { status, body } = refused ? speech.refuse(said) : { status: 200, ...said }
        sink.begin(status, { 'content-type': 'application/json', ...account.headers(id) })
        sink.end(body)
        over()
        return { abandon() {} }
      }
      if (refusal !== null) return here(refusal)
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
