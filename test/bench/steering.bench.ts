import { stringify } from 'yaml'
import { readAsked, type Asked } from '#activities/gateway/relay/asked.ts'
import { budgetFacts } from '#activities/gateway/relay/standing.ts'
import { wayOf } from '#activities/gateway/relay/steer.ts'
import { noModels, type Caller, type Models } from '#activities/gateway/store-known.ts'
import { targetOf } from '#schemas/gateway/routes.ts'
import { usualRouting } from '#schemas/gateway/routing.ts'
import { compile } from '#schemas/steering/compile.ts'
import type { Decision } from '#schemas/steering/decision.ts'
import { evaluate } from '#schemas/steering/evaluate.ts'
import type { Facts } from '#schemas/steering/facts.ts'
import { together } from '#schemas/steering/together.ts'
import { validate } from '#schemas/steering/validate.ts'
import { facts } from '#test/harness/steering.ts'
import { naive } from '#test/harness/steering-naive.ts'
import { median, quantile, report } from './figure.ts'
import { documentOf, keys, models, oneOf, random, upTo, words } from './steering-rules.ts'

/**
 * What a decision takes with rules of all kinds, most of which do not hold, so that nearly all are looked at; beside it
 * the same rules one after the other, each condition by the expression language. Both take turns on the same requests.
 */
const decisions = 20_000
const warmUps = 3000

const requestOf = (): Facts => {
  const share = () => ({ used: random() * 0.97, remaining: random() * 100 })
  const text = Array.from({ length: 150 }, () => oneOf(words)).join(' ')
  const one = upTo(keys)
  return facts({
    // requests come one after the other, not from all over a day
    at: Date.parse('2026-11-23T10:00:00Z') + upTo(900_000),
    zone: oneOf(['UTC', 'Europe/Berlin']),
    key: { id: `key_${one}`, name: `app-${one}`, tags: [] },
    user: { id: `usr_${one}`, email: `u${one}@north.example` },
    team: { id: `t${one % 20}`, name: `team-${one % 20}` },
    tags: [`tag-${upTo(50)}`, `tag-${upTo(50)}`],
    budget: { ...share(), tenant: share(), team: share(), user: share(), key: share(), model: share(), tag: share() },
    headers: random() < 0.3 ? { 'x-tier': `tier-${upTo(500)}` } : {},
    request: { ...facts().request, model: oneOf(models), stream: random() < 0.5, tools: [`tool-${upTo(5000)}`] },
    prompt: () => ({ system: 'You help customers.', turns: [{ by: 'user', text }] }),
  })
}
const requests = Array.from({ length: 2000 }, requestOf)

const timed = (decide: (facts: Facts) => Decision, one: Facts, into: number[] | null): Decision => {
  const began = performance.now()
  const decision = decide(one)
  const ms = performance.now() - began
  into?.push(ms)
  return decision
}

/** Decides all requests in both ways, in turns, in ms each; both have to say the same. */
const measure = (count: number, rounds: number) => {
  const document = documentOf(count)
  const [plan, plainly] = [compile(document), naive(document)]
  const [ours, theirs]: [number[], number[]] = [[], []]
  let decided = 0
  for (let n = -warmUps; n < rounds; n++) {
    const one = requests[(n + warmUps) % requests.length] as Facts
    const mine = timed((it) => evaluate(plan, it), one, n < 0 ? null : ours)
    // the naive way is slow, and as steady
    if (n % 10 !== 0) continue
    const its = timed(plainly, one, n < 0 ? null : theirs)
    if (mine.by !== its.by || mine.held.length !== its.held.length) throw new Error(`they differ: ${mine.by} ${its.by}`)
    if (mine.by !== null) decided++
  }
  return { ours, theirs, decided: (decided * 10) / (rounds + warmUps) }
}

/** What a decision takes of the processor on average, in µs: other work on the machine does not count. */
const cpu = (count: number, decide: (facts: Facts) => Decision, rounds: number): void => {
  for (const one of requests) decide(one)
  const began = process.cpuUsage()
  for (let n = 0; n < rounds; n++) decide(requests[n % requests.length] as Facts)
  const { user, system } = process.cpuUsage(began)
  report({
    bench: 'steering',
    n: rounds,
    metric: `steering_cpu_us_${count}`,
    unit: 'us',
    value: (user + system) / rounds,
  })
}

const figure = { bench: 'steering', n: decisions }
const thousand = measure(1000, decisions)
for (const [name, share] of [
  ['p50', 0.5],
  ['p95', 0.95],
  ['p99', 0.99],
] as const) {
  const [value, baseline] = [quantile(thousand.ours, share), quantile(thousand.theirs, share)]
  report({ ...figure, metric: `steering_${name}_ms_1000`, unit: 'ms', value, baseline })
}
report({ ...figure, metric: 'steering_decided_share_1000', unit: 'ratio', value: thousand.decided })
const hundred = measure(100, decisions)
for (const [name, share] of [
  ['p50', 0.5],
  ['p99', 0.99],
] as const) {
  const [value, baseline] = [quantile(hundred.ours, share) * 1000, quantile(hundred.theirs, share) * 1000]
  report({ ...figure, metric: `steering_${name}_us_100`, unit: 'us', value, baseline })
}
for (const count of [100, 1000]) {
  const plan = compile(documentOf(count))
  cpu(count, (one) => evaluate(plan, one), decisions)
}

/** The same within the gateway: facts are made of a request in its bytes, and the decision becomes a way. */
const steering = { tenant: { id: 'tnt_1', name: 'North' }, keys: new Map() }
for (const count of [100, 1000]) {
  const everybody = together([{ policy: 'pol_1', number: 1, document: documentOf(count) }])
  const route = { targets: [targetOf('one', 'gpt-5-mini')], routing: usualRouting }
  const routes = new Map([...models, 'long'].map((alias) => [alias, route]))
  const known: Models = { ...noModels, routes, steering: { ...steering, everybody } }
  const callers = Array.from({ length: keys }, (_, n): Caller => ({
    tenant: 'tnt_1',
    key: `key_${n}`,
    name: `app-${n}`,
    user: { id: `usr_${n}`, email: `u${n}@north.example` },
    models: null,
    tags: { [`tag-${n % 50}`]: '' },
    run: null,
    until: Infinity,
  }))
  const asked = requests.map(({ request, prompt }) => {
    const content = prompt().turns[0]?.text
    const body = { model: request.model, stream: request.stream, messages: [{ role: 'user', content }] }
    return { ...(readAsked('chat', Buffer.from(JSON.stringify(body))) as Asked), told: {} }
  })
  const decide = (n: number) =>
    wayOf(known, callers[n % keys] as Caller, { ...(asked[n % asked.length] as Asked) }, () => budgetFacts([], []))
  for (let n = 0; n < warmUps; n++) decide(n)
  const began = process.cpuUsage()
  for (let n = 0; n < decisions; n++) decide(n)
  const { user, system } = process.cpuUsage(began)
  const value = (user + system) / decisions
  report({ bench: 'steering', n: decisions, metric: `steering_relay_cpu_us_${count}`, unit: 'us', value })
}

const times = 15
const text = stringify(documentOf(1000))
const took = (work: () => unknown) =>
  median(
    Array.from({ length: times }, () => {
      const began = performance.now()
      work()
      return performance.now() - began
    }),
  )
const document = documentOf(1000)
report({
  bench: 'steering',
  n: times,
  metric: 'steering_compile_ms_1000',
  unit: 'ms',
  value: took(() => compile(document)),
})
report({
  bench: 'steering',
  n: times,
  metric: 'steering_validate_ms_1000',
  unit: 'ms',
  value: took(() => validate(text)),
})
const { problems } = validate(text)
if (problems.some(({ level }) => level === 'error')) throw new Error(problems[0]?.message)
