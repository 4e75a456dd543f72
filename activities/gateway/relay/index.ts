import type { Log } from '#activities/log.ts'
import { kinds } from '#schemas/gateway/kinds/index.ts'
import type { Target } from '#schemas/gateway/routes.ts'
import { failure, retryHeaders, type Failure } from '#schemas/gateway/wires/failure.ts'
import type { CacheStore } from '../store-cached.ts'
import type { Caller, Models } from '../store-known.ts'
import { Account } from './account.ts'
import type { Accounted } from './accounted.ts'
import type { Asked } from './asked.ts'
import { Asking, type Means } from './asking.ts'
import { withinOf } from './direct.ts'
import type { Books, Held, Opening, Refused } from './books.ts'
import { sayAgain } from './cache-answer.ts'
import { cacheKeyOf } from './cache-key.ts'
import type { Keeping } from './cache-keeping.ts'
import { policyOf } from './cache-policy.ts'
import { Cache, type Found } from './cache.ts'
import { countHere } from './count.ts'
import { guarded, type Going } from './guard.ts'
import { guardsOf } from './guards.ts'
import { Health, type StateChange } from './health.ts'
import { later } from './later.ts'
import { Marking, promptsKeptMs } from './marking.ts'
import { Marks } from './marks.ts'
import { Needs } from './needs.ts'
import { Ordering } from './ordering.ts'
import { retryAdvice } from './over-budget.ts'
import { Pace } from './pace.ts'
import { Plan } from './plan.ts'
import { Probes } from './probes.ts'
import { seedOf } from './prefix.ts'
import type { Recordings } from './recording.ts'
import type { Samples } from './sampling.ts'
import { isAble, type Candidate } from './saying.ts'
import { usualOf } from './savings.ts'
import type { Sink } from './sink.ts'
import { stepSince, type Step } from './steps.ts'
import { speeches } from './speech.ts'
import { budgetFacts } from './standing.ts'
import { wayOf, type BudgetOf } from './steer.ts'
import { isTrimmed, trimmedOf } from './trimming.ts'
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
  /** Calls once what is over is known even if the process is killed: before that nobody outside is told that it is. */
  kept(go: () => void): void
  /** Nobody is asked by itself any more, and what is to be kept is written down. */
  close(): Promise<void>
}

/** Hears of a request that is over: who asked, and what. */
export type Observe = (row: Accounted, caller: Caller, asked: Asked) => void

/** The models of a tenant, to whom they may answer; what each request costs is in the books. */
export function createRelay(parts: {
  knowledge: Knowing
  upstream: Upstream
  books: Books
  /** Is told who is not well any more, and who is again. */
  changed: (change: StateChange) => void
  log: Log
  /** Where answers are kept that are given again; null where none are. */
  answers: CacheStore | null
  /** Keeps bodies; none where none are kept. */
  recordings?: Recordings | null
  /** Hands some to the quality guard; none where there is none. */
  samples?: Samples | null
  /** Is told of each request that is over, as it is written down. */
  observe?: Observe
  /** How much of its budgets a request may still use, as rules see it. */
  budgetOf?: BudgetOf
}): Relay {
  const { knowledge, upstream, books, answers, recordings = null, samples = null } = parts
  const { budgetOf = noBudgets, changed, observe, log } = parts
  const pace = new Pace()
  const ordering = new Ordering(pace)
  const health = new Health(changed)
  const probes = new Probes(upstream, health)
  const marks = new Marks(promptsKeptMs)
  const means: Means = { upstream, health, probes, pace, log }
  const relay: Relay = {
    knowledge,
    kept: (go) => books.kept(go),
    async close() {
      probes.close()
      await cache?.flush()
    },
    ask(caller, models, asked, sink, over) {
      const steps: Step[] = asked.arrived === undefined ? [] : [stepSince('read', asked.arrived)]
      const from = hasRules(models.steering) ? performance.now() : null
      const way = wayOf(models, caller, asked, budgetOf)
      if (from !== null) steps.push(stepSince('rules', from))
      const going = { caller, models, asked, way, sink, over, watch: null, steps, recorder: null }
      const looking = guardsOf(models, way)
      return looking === null ? pass(going) : guarded(looking, going, pass)
    },
  }
  const cache: Cache | null = answers === null ? null : new Cache(answers, log, withinOf(relay))
  return relay

  /** What guardrails have let through, recorded where its tenant has said so. */
  function pass(going: Going): UnderWay {
    const { recording } = going.models
    return recording === null || recordings === null ? follow(going) : recordings.pass(recording, going, follow)
  }

  /** Out of the cache, or by asking. */
  function follow(going: Going): UnderWay {
    const { caller, models, asked: given, way, sink: to, over: finished, watch, steps, recorder } = going
    const { route, alias, steered, settings, refusal, verdict } = way
    const shorter = isTrimmed(settings, models.levers) ? trimmedOf(given) : null
    const lean = shorter?.asked ?? given
    const asked = settings === null ? lean : { ...lean, settings }
    let held: Held | null = null
    let budget: string | null = null
    let keeping: Keeping | undefined
    // where a rule has chosen, what it chose instead of is what was asked for
    const usual = steered?.by == null ? null : usualOf(models, asked.model)
    const write = (row: Accounted) => {
      const whole = { ...row, budget }
      const written = books.write(recorder === null ? whole : recorder.wrote(whole), held)
      sample?.wrote(written)
      observe?.(written, caller, given)
    }
    const account = new Account(caller, asked, { alias, steered, usual, verdict }, steps, (row) => {
      keeping?.wrote(row)
      if (watch === null) write(row)
      else watch.keep(row, write)
    })
    const { quality } = models
    const sample = quality === null || samples === null ? null : samples.begin(quality, account.id, going)
    const ended = sample === null ? finished : () => (finished(), sample.over())
    let [sink, over] = [sample?.sink ?? to, ended]
    if (shorter !== null) account.trimmed = shorter.trimmed
    if (watch !== null) account.guarded = watch.guarded
    const here = (said: { body: string } | Failure): UnderWay => {
      const { id, ...speech } = speeches[asked.operation]
      const refused = 'class' in said
      account.over()
      if (refused) account.failed(said)
      else account.answered(null, 200)
      const { status, body } = refused ? speech.refuse(said) : { status: 200, ...said }
      const headers = refused ? { ...retryHeaders(said), ...retryAdvice(said) } : {}
      sink.begin(status, { 'content-type': 'application/json', ...headers, ...account.headers(id) })
      sink.end(body)
      over()
      return { abandon() {} }
    }
    if (refusal !== null) return here(refusal)
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
    if (able.length === 0 && targets.length > 0) return here(unableFor(asked, targets, models))
    const met = able.filter(({ target }) => needs.metBy(target))
    if (met.length === 0 && able.length > 0) return here(unmet(needs))
    // what rules tag it with counts as if the caller had
    const asker = steered === null ? caller : { ...caller, tags: steered.tags }
    const left = (late?: Held | Refused): void => {
      if (late !== undefined && !('why' in late)) held = late
      account.over()
      account.cancelled(null)
      over()
    }
    const open = (opening: Pick<Opening, 'candidates' | 'hedged' | 'again'>, begin: (opened: Held) => UnderWay) => {
      const from = models.budgets.size === 0 ? null : performance.now()
      const go = (opened: Held | Refused): UnderWay => {
        if (from !== null) steps.push(stepSince('budget', from))
        if ('why' in opened) {
          budget = opened.budget
          return here(opened.why)
        }
        held = opened
        return begin(opened)
      }
      const opened = books.open({ account, caller: asker, models, asked, ...opening })
      return opened instanceof Promise ? later(opened, go, left) : go(opened)
    }
    const ask = (): UnderWay => {
      const seed = isOneWay(met) ? 0 : seedOf(asked)
      const { tenant } = caller
      const candidates = ordering.order(met, routing, { tenant, asked, needs, seed, rates: models.rates })
      return open({ candidates, hedged: routing.hedge !== null }, (opened) => {
        const plan = new Plan(tenant, opened.candidates, seed, routing, health)
        const marking = models.levers.marks ? new Marking(marks, tenant) : null
        const asking = new Asking(means, plan, routing, asked, account, { sink, over, marking })
        asking.begin()
        return asking
      })
    }
    const policy = cache === null ? null : policyOf(way, models, caller, asked)
    const key = policy === null ? null : cacheKeyOf(asked, way, { caller, models, policy })
    if (cache === null || policy === null || key === null) return ask()
    if (!policy.refreshes) account.cache = { how: 'miss' }
    const lookedFrom = performance.now()
    return cache.begin(
      { caller, models, asked, account, policy, key, sink },
      {
        left,
        ask(through) {
          steps.push(stepSince('cache', lookedFrom))
          keeping = through
          sink = through
          over = () => {
            ended()
            through.over()
          }
          return ask()
        },
        found: (found) => {
          const said = sayAgain(found.answer, asked)
          if (said !== null) steps.push(stepSince('cache', lookedFrom))
          return said === null
            ? null
            : open({ candidates: met, hedged: false, again: true }, () =>
                giveAgain(found, said, { asked, account, sink, over }),
              )
        },
      },
    )
  }
}

const nothing: UnderWay = { abandon() {} }

/** Answers what was answered before. */
const giveAgain = (
  { answer, at, similarity }: Found,
  { headers, body }: { headers: Record<string, string>; body: string },
  { asked, account, sink, over }: { asked: Asked; account: Account; sink: Sink; over: () => void },
): UnderWay => {
  const { of, provider, kind, model, tokens } = answer
  const how = similarity === null ? 'exact' : 'semantic'
  account.cache = { how, of, ageMs: Math.max(0, Date.now() - at), similarity }
  account.over()
  account.again({ provider, kind, model, tokens })
  const by = { 'x-auterity-provider': provider, 'x-auterity-model': model }
  sink.begin(200, { ...headers, ...by, ...account.headers(speeches[asked.operation].id) })
  sink.end(body)
  over()
  return nothing
}

const hasRules = (steering: Models['steering']): boolean =>
  steering !== null && (steering.everybody !== null || steering.keys.size > 0)

const noBudgets: BudgetOf = () => budgetFacts([], [])

const isOneWay = ([first, second]: readonly Candidate[]): boolean =>
  second === undefined && (first === undefined || first.provider.keys.length < 2)

/** Of those that are switched on, none has what is asked for. */
const unableFor = ({ operation, stream }: Asked, targets: readonly Target[], { providers }: Models): Failure => {
  const on = targets.flatMap(({ provider: name }) => {
    const provider = providers.get(name)
    return provider?.enabled === true ? [`${kinds[provider.kind].title} (“${name}”)`] : []
  })
  if (on.length === 0)
    return failure('not_found', 'No provider that is switched on answers for this model.', { param: 'model' })
  const what = `${operation.replaceAll('_', ' ')}${stream ? ' as a stream' : ''}`
  return failure(
    'not_found',
    `${[...new Set(on)].join(' and ')} cannot be asked for ${what}, and nobody else answers for this model.`,
    {
      code: 'operation_not_supported',
      param: 'model',
    },
  )
}

const unmet = (needs: Needs): Failure =>
  failure(
    'invalid',
    `No model of this name can be asked for this: it needs ${needs.capabilities.join(', ') || 'text'}, and about ${needs.tokens} tokens of context.`,
    { code: 'model_not_able', param: 'model' },
  )
