import * as fc from 'fast-check'
import type { Also, Decide } from '#schemas/steering/actions.ts'
import type { Rule, Scope, SteeringDocument } from '#schemas/steering/document.ts'
import type { Facts } from '#schemas/steering/facts.ts'

/** Facts of a plain request, changed as a test needs it. */
export function facts(change: Partial<Facts> = {}): Facts {
  const full = { used: 0.5, remaining: 50 }
  return {
    at: Date.parse('2026-11-23T09:30:00Z'),
    zone: 'UTC',
    tenant: { id: 'ten_1', name: 'North' },
    key: { id: 'key_1', name: 'chatbot', tags: [] },
    user: { id: 'usr_1', email: 'ann@north.example' },
    team: { id: 'tea_1', name: 'sales' },
    tags: [],
    budget: { ...full, tenant: full, team: full, user: full, key: full, model: full, tag: full },
    headers: {},
    judge: null,
    prompt: () => ({ system: 'Be brief.', turns: [{ by: 'user', text: 'What does the lease cost a month?' }] }),
    ...change,
    request: { ...plainRequest, ...change.request },
  }
}

const plainRequest: Facts['request'] = {
  model: 'strong',
  kind: 'chat',
  wire: 'openai',
  stream: false,
  tools: [],
  images: false,
  audio: false,
  files: false,
  structured: false,
}

export const steering = (...rules: Rule[]): SteeringDocument => ({ name: 'Test', rules })

const pool = {
  model: ['gpt-5', 'gpt-5-mini', 'claude', 'small'],
  key: ['key_1', 'key_2', 'chatbot', 'crm'],
  user: ['usr_1', 'ann@north.example', 'bob@north.example'],
  team: ['sales', 'legal', 'service'],
  tag: ['beta', 'batch', 'prod'],
  tool: ['search', 'calendar', 'price'],
}
const one = (of: readonly string[]) => fc.constantFrom(...of)
const some = (of: readonly string[]) => fc.uniqueArray(one(of), { minLength: 1, maxLength: 3 })
const quoted = (of: readonly string[]) => one(of).map((text) => JSON.stringify(text))
const listed = (of: readonly string[]) => some(of).map((texts) => JSON.stringify(texts))
const maybe = <T>(of: fc.Arbitrary<T>) => fc.oneof(fc.constant(undefined), of)
const rarely = <T>(of: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: of })

const number = fc.constantFrom('0', '1', '0.5', '100', '1000', '20.0')
const sign = fc.constantFrom('==', '!=', '<', '<=', '>', '>=')
const numeric = fc.constantFrom(
  'request.maxTokens',
  'request.temperature',
  'prompt.tokens',
  'prompt.turns',
  'budget.used',
  'budget.team.remaining',
  'now.hour',
  'size(request.tools)',
  'tags.size()',
)
const textual = fc.constantFrom(
  'request.model',
  'key.name',
  'team.name',
  'headers["x-tier"]',
  'prompt.text',
  'now.date',
)
const words = [...pool.model, ...pool.key, ...pool.team, 'gold', 'lease', '2026-11-23']

const atom: fc.Arbitrary<string> = fc.oneof(
  fc.tuple(numeric, sign, number).map((all) => all.join(' ')),
  fc.tuple(number, sign, numeric).map((all) => all.join(' ')),
  fc.tuple(textual, sign, quoted(words)).map((all) => all.join(' ')),
  fc.tuple(textual, listed(words)).map(([name, list]) => `${name} in ${list}`),
  fc.tuple(quoted(pool.tag), fc.constantFrom('tags', 'key.tags')).map((all) => all.join(' in ')),
  fc
    .tuple(textual, fc.constantFrom('contains', 'startsWith', 'endsWith', 'matches'), quoted(words))
    .map(([name, call, word]) => `${name}.${call}(${word})`),
  fc
    .tuple(fc.constantFrom('exists', 'all'), quoted(pool.tool))
    .map(([loop, tool]) => `request.tools.${loop}(t, t == ${tool})`),
  fc.constantFrom('request.tools.exists(tags, size(tags) > 5)', 'tags.exists(t, t in key.tags)'),
  fc.constantFrom('request.stream', 'request.images', 'has(request.maxTokens)', '"x-tier" in headers', 'now.workday'),
  fc.constantFrom('1 / size(tags) == 1', 'true', 'false', 'request.tools[0] == "search"'),
)

/** Conditions of all kinds, some of which fail for some requests. */
const condition: fc.Arbitrary<string> = fc.letrec<{ tree: string }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    atom,
    fc.tuple(tie('tree'), fc.constantFrom('&&', '||'), tie('tree')).map(([a, op, b]) => `(${a} ${op} ${b})`),
    fc.tuple(tie('tree'), tie('tree')).map(([a, b]) => `${a} && ${b}`),
    tie('tree').map((inner) => `!(${inner})`),
  ),
})).tree

const given = <T extends object>(value: T) =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }

const scope: fc.Arbitrary<Scope> = fc
  .record({
    keys: rarely(some(pool.key)),
    users: rarely(some(pool.user)),
    teams: rarely(some(pool.team)),
    tags: rarely(some(pool.tag)),
    models: rarely(some([...pool.model, 'gpt-*'])),
  })
  .map(given)

const decide: fc.Arbitrary<Decide> = fc.oneof(
  one(pool.model).map((route) => ({ route })),
  one(pool.model).map((downgrade) => ({ downgrade })),
  fc.constant({ keep: true as const }),
  fc.constant({ deny: { reason: 'Not today.', status: 'over_budget' as const } }),
  one(['openai', 'mistral']).map((provider) => ({ route: [{ provider, model: 'gpt-5', weight: 2 }] })),
)

const also: fc.Arbitrary<Also> = fc
  .record({
    tag: maybe(some(pool.tag)),
    guardrail: maybe(
      fc.dictionary(one(['pii', 'injection']), fc.constantFrom('flag' as const, 'mask' as const, 'block' as const), {
        noNullPrototype: true,
      }),
    ),
    require: maybe(
      fc
        .record({
          capabilities: maybe(fc.uniqueArray(fc.constantFrom('vision' as const, 'tools' as const), { minLength: 1 })),
          context: maybe(fc.constantFrom(8000, 128_000)),
          regions: maybe(some(['eu', 'us', 'ch'])),
        })
        .map(given),
    ),
    set: maybe(
      fc
        .record({
          temperature: maybe(fc.constantFrom(0, 0.5, { cel: 'request.temperature / 2.0' })),
          maxTokens: maybe(fc.constantFrom(500, { cel: 'prompt.tokens * 2' }, { cel: '1 / size(tags)' })),
          effort: maybe(fc.constantFrom('low' as const, { cel: 'prompt.code ? "high" : "low"' })),
        })
        .map(given),
    ),
    weights: maybe(fc.constantFrom({ openai: 3 }, { mistral: 1, openai: 0 })),
    cache: maybe(fc.constantFrom('off' as const, { mode: 'exact' as const, ttl: '1h' })),
  })
  .map(given)

const moment = fc.constantFrom('2026-11-01', '2026-11-23', '2026-11-23T09:30:00Z', '2027-01-01')
const rule: fc.Arbitrary<Omit<Rule, 'id'>> = fc
  .record({
    description: rarely(fc.constantFrom('Because.', 'Asked for by legal: see the wiki.')),
    enabled: rarely(fc.boolean()),
    enforced: rarely(fc.constantFrom(true, false)),
    from: rarely(moment),
    until: rarely(moment),
    for: maybe(scope),
    when: maybe(condition),
    also: maybe(also),
    decide: maybe(decide),
  })
  .map(given)

/** Any document of rules that can be told apart. */
export const documents = (most = 12): fc.Arbitrary<SteeringDocument> =>
  fc.array(rule, { maxLength: most }).map((rules) => ({
    name: 'Test',
    rules: rules.map((one, n) => ({ id: `rule-${n}`, ...one })),
  }))

const share = fc.record({ used: fc.constantFrom(0, 0.5, 0.9, 1.2), remaining: fc.constantFrom(0, 1, 100, Infinity) })

/** Any request, of those who rules may be for. */
export const requests: fc.Arbitrary<Facts> = fc
  .record({
    at: fc.constantFrom(...['2026-11-20T22:00:00Z', '2026-11-23T09:30:00Z', '2026-12-24T18:00:00Z'].map(Date.parse)),
    zone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York'),
    key: fc.record({ id: one(pool.key), name: one(pool.key), tags: fc.uniqueArray(one(pool.tag)) }),
    user: fc.record({ id: one(pool.user), email: one(pool.user) }),
    team: fc.record({ id: one(pool.team), name: one(pool.team) }),
    tags: fc.uniqueArray(one(pool.tag)),
    budget: fc
      .tuple(share, share)
      .map(([all, of]) => ({ ...all, tenant: all, team: of, user: of, key: all, model: of, tag: all })),
    headers: fc.constantFrom({}, { 'x-tier': 'gold' }, { 'x-tier': 'legal', 'x-other': 'gold' }),
    text: fc.constantFrom('Lease it.', 'What is a lease?', '```js\nconst a = 1;\n```', ''),
    request: fc
      .record({
        model: one(pool.model),
        stream: fc.boolean(),
        images: fc.boolean(),
        tools: fc.uniqueArray(one(pool.tool)),
        maxTokens: maybe(fc.constantFrom(0, 100, 1000)),
        temperature: maybe(fc.constantFrom(0, 1, 0.5)),
      })
      .map(given),
  })
  .map(({ text, request, ...rest }) =>
    facts({
      ...rest,
      request: { ...plainRequest, ...request },
      prompt: () => ({ system: 'Be brief.', turns: text === '' ? [] : [{ by: 'user', text }] }),
    }),
  )
