import { expect, test } from 'vitest'
import { facts, steering } from '#test/harness/steering.ts'
import { compile } from './compile.ts'
import type { Rule } from './document.ts'
import { evaluate } from './evaluate.ts'
import type { Facts } from './facts.ts'
import { trace } from './trace.ts'

const decided = (rules: Rule[], change: Parameters<typeof facts>[0] = {}) =>
  evaluate(compile(steering(...rules)), facts(change))
const request = (change: Partial<Facts['request']>) => ({ request: { ...facts().request, ...change } })

test('without a rule that decides, what was asked for is served', () => {
  expect(decided([{ id: 'tag', also: { tag: ['a'] } }])).toMatchObject({
    outcome: { do: 'asked' },
    by: null,
    tags: ['a'],
  })
})

test('the first rule that holds decides, and rules below it add all the same', () => {
  const decision = decided([
    { id: 'images', when: 'request.images', decide: { route: 'vision' } },
    { id: 'strong', when: 'request.model == "strong"', also: { tag: ['big'] }, decide: { route: 'large' } },
    { id: 'all', also: { tag: ['big', 'all'], guardrail: { pii: 'mask' } }, decide: { route: 'small' } },
  ])
  expect(decision).toMatchObject({ outcome: { do: 'route', alias: 'large' }, by: 'strong', held: ['strong', 'all'] })
  expect(decision).toMatchObject({ tags: ['big', 'all'], guardrails: { pii: 'mask' } })
})

test('a rule for a key goes before one for a team, and that before one for everybody', () => {
  const rules: Rule[] = [
    { id: 'everybody', decide: { route: 'a' } },
    { id: 'model', for: { models: ['stro*'] }, decide: { route: 'b' } },
    { id: 'team', for: { teams: ['sales'] }, decide: { route: 'c' } },
    { id: 'user', for: { users: ['ann@north.example'], teams: ['sales'] }, decide: { route: 'd' } },
    { id: 'key', for: { keys: ['chatbot'] }, decide: { route: 'e' } },
  ]
  const by = []
  for (let left = rules; left.length > 0; left = left.slice(0, -1)) by.push(decided(left).by)
  expect(by).toEqual(['key', 'user', 'team', 'model', 'everybody'])
})

test('an enforced rule for everybody goes before the rules of a key', () => {
  const rules: Rule[] = [
    { id: 'mine', for: { keys: ['chatbot'] }, decide: { route: 'large' } },
    {
      id: 'gone',
      enforced: true,
      when: 'budget.used >= 1',
      decide: { deny: { reason: 'Used up.', status: 'over_budget' } },
    },
  ]
  const budget = { ...facts().budget, used: 1 }
  expect(decided(rules).by).toBe('mine')
  expect(decided(rules, { budget })).toMatchObject({
    by: 'gone',
    held: ['gone'],
    outcome: { do: 'deny', reason: 'Used up.', status: 'over_budget' },
  })
})

test('what several rules add is put together: the strictest guardrail, all needs, the first value', () => {
  const decision = decided([
    { id: 'a', also: { guardrail: { pii: 'mask' }, require: { context: 8000, regions: ['eu', 'ch'] }, cache: 'off' } },
    {
      id: 'b',
      also: { guardrail: { pii: 'flag', tone: 'flag' }, set: { temperature: 0, effort: 'low' }, cache: 'exact' },
    },
    {
      id: 'c',
      also: {
        guardrail: { pii: 'block' },
        require: { capabilities: ['vision'], context: 4000, regions: ['ch', 'us'] },
      },
    },
    { id: 'd', also: { set: { temperature: 1, maxTokens: { cel: 'prompt.tokens / 3' } } } },
  ])
  expect(decision).toMatchObject({
    guardrails: { pii: 'block', tone: 'flag' },
    require: { capabilities: ['vision'], context: 8000, regions: ['ch'] },
    set: { temperature: 0, effort: 'low', maxTokens: 5 },
    cache: { mode: 'off', ttlMs: null },
  })
})

test('a rule holds from its first day on until before its last moment, and not when it is off', () => {
  const rule: Rule = { id: 'sale', from: '2026-11-23', until: '2026-11-24T08:00:00+01:00', decide: { route: 'small' } }
  const at = (time: string) => decided([rule], { at: Date.parse(time) }).by
  expect(at('2026-11-22T23:59:59Z')).toBeNull()
  expect(at('2026-11-23T00:00:00Z')).toBe('sale')
  expect(at('2026-11-24T06:59:59Z')).toBe('sale')
  expect(at('2026-11-24T07:00:00Z')).toBeNull()
  expect(decided([{ ...rule, enabled: false }]).by).toBeNull()
})

test('hours are those of the tenant, through summer time too', () => {
  const rules: Rule[] = [
    { id: 'open', when: 'now.clock >= "08:30" && now.hour < 18 && now.workday', decide: { keep: true } },
  ]
  const by = (time: string) => decided(rules, { at: Date.parse(time), zone: 'Europe/Berlin' }).by
  expect([by('2026-11-23T07:30:00Z'), by('2026-11-23T07:29:00Z')]).toEqual(['open', null])
  expect([by('2026-07-20T06:30:00Z'), by('2026-07-20T06:29:00Z')]).toEqual(['open', null])
  expect(by('2026-11-22T10:00:00Z')).toBeNull()
})

test('what the request does not say keeps a condition from holding, and is no fault', () => {
  const rules: Rule[] = [
    { id: 'long', when: 'request.maxTokens > 1000', decide: { route: 'large' } },
    { id: 'tier', when: 'headers["x-tier"] != "gold"', decide: { route: 'small' } },
  ]
  expect(decided(rules)).toMatchObject({ by: null, failed: [] })
  expect(decided(rules, request({ maxTokens: 2000 })).by).toBe('long')
  expect(decided(rules, { headers: { 'x-tier': 'iron' } }).by).toBe('tier')
})

test('a condition that fails does not hold, is counted, and the next rules are looked at', () => {
  const rules: Rule[] = [
    { id: 'broken', when: 'request.tools[3] == "a"', decide: { route: 'large' } },
    { id: 'value', also: { set: { temperature: { cel: 'prompt.tokens * 100' }, effort: 'low' } } },
    { id: 'rest', decide: { route: 'small' } },
  ]
  expect(decided(rules)).toMatchObject({ by: 'rest', failed: ['broken', 'value'], set: { effort: 'low' } })
})

test('the prompt is asked for where a rule reads it that may hold, once, and not otherwise', () => {
  const plan = compile(
    steering(
      { id: 'key', for: { keys: ['other'] }, when: 'prompt.tokens > 1', decide: { keep: true } },
      { id: 'images', when: 'prompt.code && request.images', decide: { keep: true } },
      {
        id: 'short',
        when: 'request.stream && prompt.text.contains("lease") && prompt.tokens < 99',
        decide: { keep: true },
      },
    ),
  )
  let asked = 0
  const prompt = () => {
    asked++
    return { system: '', turns: [{ by: 'user' as const, text: 'A lease?' }] }
  }
  expect(plan.reads).toEqual({ prompt: true, budget: false, headers: [] })
  evaluate(plan, facts({ prompt, key: { id: 'a', name: 'b', tags: [] } }))
  const before = asked
  expect(evaluate(plan, facts({ prompt, ...request({ stream: true }) })).by).toBe('short')
  expect([before, asked]).toEqual([0, 1])
})

test('a tenant whose rules read without end keeps nobody waiting', () => {
  const rules = Array.from({ length: 40 }, (_, n): Rule => ({
    id: `r${n}`,
    when: `prompt.text.matches("(?i)word${n}")`,
    decide: { keep: true },
  }))
  const text = 'What is a lease? '.repeat(2000)
  const { by, failed } = decided([...rules, { id: 'rest', decide: { route: 'small' } }], {
    prompt: () => ({ system: '', turns: [{ by: 'user', text }] }),
  })
  expect(by).toBe('rest')
  expect(failed).toEqual(rules.slice(4).map(({ id }) => id))
})

test('a dry run tells of every rule what became of it, with what it read', () => {
  const document = steering(
    { id: 'off', enabled: false, decide: { keep: true } },
    { id: 'soon', from: '2027-01-01', decide: { keep: true } },
    { id: 'legal', for: { teams: ['legal'] }, decide: { keep: true } },
    { id: 'long', when: 'request.maxTokens > 1000', decide: { keep: true } },
    { id: 'night', when: 'request.model == "strong" && now.hour > 22', decide: { route: 'small' } },
    { id: 'broken', when: 'request.tools[3] == "a"', decide: { keep: true } },
    { id: 'day', when: 'budget.team.used < 0.8', decide: { route: 'large' } },
    { id: 'rest', decide: { route: 'small' } },
    { id: 'tags', also: { tag: ['a'] }, decide: { route: 'small' } },
  )
  const { decision, rules } = trace(document, facts(request({ tools: ['search'] })))
  expect(decision.by).toBe('day')
  expect(rules.map(({ rule, result, why }) => [rule, result, why])).toEqual([
    ['legal', 'outside', 'It is for other teams.'],
    ['off', 'off', 'It is turned off.'],
    ['soon', 'early', 'It holds from 2027-01-01 on.'],
    ['long', 'absent', 'The request does not say “maxTokens”.'],
    ['night', 'no', 'This does not hold: now.hour > 22'],
    [
      'broken',
      'failed',
      'The list has no such entry. “first(…)” and “last(…)” give null where it is empty. It stands in “request.tools[3]”.',
    ],
    ['day', 'held', 'It decided.'],
    ['rest', 'late', '“day” had decided before it.'],
    ['tags', 'held', 'It added; “day” had decided before it.'],
  ])
  expect(rules.find(({ rule }) => rule === 'night')?.reads).toEqual([
    { name: 'request.model', value: 'strong' },
    { name: 'now.hour', value: 9 },
  ])
})

test('what a classifier says of the prompt is asked once, with the kind of task that is declared; without one no condition on it holds', () => {
  const asked: string[][] = []
  const judge: Facts['judge'] = (said, task) => {
    asked.push([said(), task])
    return { easy: 0.83, suffices: true }
  }
  const rules: Rule[] = [
    { id: 'sure', when: 'prompt.easy > 0.9', decide: { route: 'tiny' } },
    { id: 'likely', when: 'prompt.easy >= 0.8 && prompt.easy < 0.9 && prompt.suffices', decide: { route: 'small' } },
    { id: 'unlikely', when: '!prompt.suffices', decide: { route: 'large' } },
  ]
  expect(decided(rules, { judge, tags: ['store=north', 'task=lease'] }).by).toBe('likely')
  expect(asked).toEqual([['What does the lease cost a month?', 'lease']])
  expect(decided(rules)).toMatchObject({ by: null, failed: [] })
  expect(decided([{ id: 'other', when: 'request.stream', decide: { route: 'a' } }], { judge }).by).toBeNull()
  expect(asked).toHaveLength(1)
  const [sure, likely] = trace(steering(...rules), facts({ judge })).rules
  expect(sure).toMatchObject({ result: 'no', reads: [{ name: 'prompt.easy', value: 0.83 }] })
  expect(likely!.reads).toContainEqual({ name: 'prompt.suffices', value: true })
  expect(trace(steering(...rules), facts()).rules[0]).toMatchObject({ result: 'absent' })
})

test('what is the same for all requests of a caller is worked out once for each caller, whatever it comes to', () => {
  const plan = compile(
    steering(
      { id: 'domain', when: 'user.email.split("@")[1] == "north.example"', also: { tag: ['north'] } },
      { id: 'mixed', when: 'user.email.split("@")[1] == request.model', also: { tag: ['mixed'] } },
    ),
  )
  let reads = 0
  const asking = (caller: object, email: string, model = 'strong') =>
    facts({
      caller,
      user: {
        id: 'usr_1',
        get email() {
          reads++
          return email
        },
      },
      request: { ...facts().request, model },
    })
  const [ann, bob, nobody] = [{}, {}, {}]
  for (let n = 0; n < 3; n++) {
    expect(evaluate(plan, asking(ann, 'ann@north.example')).held).toEqual(['domain'])
    expect(evaluate(plan, asking(bob, 'bob@south.example', 'south.example')).held).toEqual(['mixed'])
    expect(evaluate(plan, asking(nobody, '')).failed).toEqual(['domain', 'mixed'])
  }
  const before = reads
  evaluate(plan, asking(ann, 'ann@north.example'))
  // by the one condition that reads the request too
  expect(reads).toBe(before + 1)
})
