import type { Db } from '#activities/database.ts'
import type { Seal } from '#activities/seal.ts'
import type { PlatformModel } from '#schemas/gateway/platform-model.ts'
import type { Target } from '#schemas/gateway/routes.ts'
import type { Facts } from '#schemas/steering/facts.ts'
import { joined, together, type InForce } from '#schemas/steering/together.ts'
import { trace } from '#schemas/steering/trace.ts'
import type { Trial } from '#schemas/steering/trials.ts'
import { platformModels, withPlatform } from '../platform-model.ts'
import { readStands } from '../store-budgets.ts'
import { readModels, type Caller, type Models } from '../store-known.ts'
import type { Asked } from './asked.ts'
import { AskedFacts } from './facts.ts'
import { budgetsOf } from './govern.ts'
import { isAble, joined as whole, Saying } from './saying.ts'
import type { Settings } from './settings.ts'
import { budgetFacts, type Stands } from './standing.ts'
import { wayBy } from './steer.ts'
import { isTrimmed, trimmedOf } from './trimming.ts'

type Where = Pick<Models, 'routes' | 'providers'>
/** What answers, and what holds back, with how that stands. */
type Now = Where & Pick<Models, 'budgets' | 'levers' | 'judge'> & { stands: Stands }
type Sent = Trial['sent'][number]

/** The most characters of a body that are shown. */
const mostShown = 20_000

/** What answers at a tenant now: who tries things out does not wait for what others know. */
export const modelsNow = async (
  system: Db,
  tenant: string,
  { seal, platformModel }: { seal: Seal; platformModel: PlatformModel | null },
): Promise<Now> => {
  const [own, stands] = await Promise.all([readModels(system, tenant, seal), readStands(system, tenant)])
  return { ...withPlatform(platformModels(platformModel), own), stands }
}

/** What would become of a request under these policies; nobody is asked. */
export function tryAsked(
  models: Now,
  rules: readonly InForce[],
  tenant: Facts['tenant'],
  caller: Caller,
  asked: Asked,
): Trial {
  const { plan } = together(rules)
  const budget = () => budgetFacts(budgetsOf(models, caller, asked, []), models.stands)
  const facts = new AskedFacts(tenant, caller, asked, plan.reads, { budget, judge: models.judge })
  return tried(models, rules, facts, { model: asked.model, tags: caller.tags }, (target, settings) => {
    const provider = models.providers.get(target.provider)
    if (provider?.enabled !== true)
      return { path: null, body: null, why: 'This provider is not there, or switched off.' }
    if (!isAble(provider, asked)) return { path: null, body: null, why: 'This provider cannot be asked this.' }
    const lean = isTrimmed(settings, models.levers) ? (trimmedOf(asked)?.asked ?? asked) : asked
    const said = new Saying(settings === null ? lean : { ...lean, settings }, 'test', null).to({ target, provider })
    if ('class' in said) return { path: null, body: null, why: said.message }
    return { path: said.path, body: whole(said.body).toString().slice(0, mostShown), why: null }
  })
}

/** The same of a request that is over, of which there is no body. */
export const tryRecorded = (
  models: Where,
  rules: readonly InForce[],
  facts: Facts,
  asked: { model: string; tags: Readonly<Record<string, string>> },
): Trial =>
  tried(models, rules, facts, asked, (target) =>
    models.providers.get(target.provider)?.enabled === true
      ? { path: null, body: null, why: null }
      : { path: null, body: null, why: 'This provider is not there, or switched off.' },
  )

type Say = (target: Target, settings: Settings | null) => Pick<Sent, 'path' | 'body' | 'why'>

const tried = (
  models: Where,
  rules: readonly InForce[],
  facts: Facts,
  asked: { model: string; tags: Readonly<Record<string, string>> },
  say: Say,
): Trial => {
  const { plan, origins } = together(rules)
  const traced = trace(joined(rules), facts, plan)
  const { decision } = traced
  const { refusal, route, settings } = wayBy(models, asked, decision, origins)
  const why =
    refusal ?? (route === undefined ? { status: 404, message: `There is no model “${asked.model}” here.` } : null)
  const by = decision.by === null ? undefined : origins.get(decision.by)
  // who reads it knows rules by their own names
  const spoken = (said: string) => (by === undefined ? said : said.replace(by.label, by.rule))
  return {
    by: by === undefined ? null : { policy: by.policy, number: by.number, rule: by.rule },
    rules: traced.rules.flatMap(({ rule: label, why: said, ...told }) => {
      const origin = origins.get(label)
      return origin === undefined
        ? []
        : [{ policy: origin.policy, number: origin.number, rule: origin.rule, why: spoken(said), ...told }]
    }),
    tags: [...decision.tags],
    set: { ...decision.set },
    refusal:
      why === null
        ? null
        : { status: why.status, message: why.message, code: 'code' in why ? (why.code ?? null) : null },
    sent:
      why === null
        ? withShares(route?.targets ?? []).map((one) => ({ ...one.told, ...say(one.target, settings) }))
        : [],
  }
}

/** Targets in the order in which they may be asked, with the share of each among those of its priority. */
const withShares = (
  targets: readonly Target[],
): { target: Target; told: Pick<Sent, 'provider' | 'model' | 'priority' | 'share'> }[] =>
  targets
    .filter(({ weight }) => weight > 0)
    .toSorted((a, b) => a.priority - b.priority || b.weight - a.weight)
    .map((target) => {
      const { provider, model, priority, weight } = target
      const rivals = targets.filter((one) => one.priority === priority)
      return {
        target,
        told: { provider, model, priority, share: weight / rivals.reduce((sum, one) => sum + one.weight, 0) },
      }
    })
