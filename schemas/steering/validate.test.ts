import { expect, test } from 'vitest'
import { spliced, type Problem } from './problem.ts'
import { validate, type Catalogue } from './validate.ts'

const told = (text: string, catalogue?: Catalogue) => validate(text, catalogue).problems
/** What is marked in the text, and the sentence to it. */
const marked = (text: string, { span, message }: Problem) => [text.slice(span.start.offset, span.end.offset), message]
const mended = (text: string) => {
  const [{ fix } = {} as Problem] = told(text)
  return spliced(text, fix?.splices ?? [])
}
const rule = (lines: string) => `name: Test\nrules:\n  - id: one\n${lines.replace(/^/gm, '    ')}\n`

test('a document with every kind of rule is read', () => {
  const { document, problems } = validate(`
name: House rules # of the north
rules:
  - id: no-contracts-abroad
    description: Contracts stay in the EU.
    enforced: true
    for: { teams: [legal], models: [gpt-*] }
    when: |
      prompt.text.contains("contract") &&
      request.kind == "chat"
    also:
      tag: [contract, 'team:legal']
      guardrail: { pii: mask, injection: block }
      require: { capabilities: [tools], context: 32000, regions: [eu] }
  - id: christmas
    from: 2026-12-24
    until: 2026-12-27T08:00:00+01:00
    when: 'budget.used > 0.8'
    also:
      set: { temperature: 0.2, maxTokens: { cel: 'prompt.tokens * 2' }, effort: low }
      cache: { mode: exact, ttl: 1h }
      weights: { openai: 3, mistral/large: 1 }
    decide:
      downgrade: small
  - id: closed
    enabled: false
    decide: { deny: { reason: We are closed., status: unavailable } }
`)
  expect(problems).toEqual([])
  expect(document?.rules.map(({ id }) => id)).toEqual(['no-contracts-abroad', 'christmas', 'closed'])
})

test('a key that is not known is marked, and the one that was meant is written with one click', () => {
  const text = rule('whne: request.stream\ndecide: { keep: true }')
  const [problem, ...more] = told(text)
  expect(more).toEqual([])
  expect(marked(text, problem!)).toEqual(['whne', '“whne” is not known here. Did you mean “when”?'])
  expect(problem).toMatchObject({ code: 'unknown_key', rule: 'one', path: '/rules/0/whne' })
  expect(problem!.span.start).toEqual({ line: 4, column: 5, offset: text.indexOf('whne') })
  expect(mended(text)).toBe(text.replace('whne', 'when'))
})

test.each([
  ['a plain text', 'when: request.modle == "a" # note'],
  ['single quotes', `when: 'request.model == '''' || request.modle == "a"'`],
  ['double quotes', String.raw`when: "request.model == \"\u0041\" || request.modle == \"a\""`],
  ['a block of lines', 'when: |\n  request.stream ||\n    // why\n    request.modle == "a"'],
  ['folded lines', 'when: >-\n  request.stream\n  || request.modle == "a"'],
  ['a plain text over lines', 'when: request.stream\n  || request.modle == "a"'],
  ['brackets', 'when: request.stream\nalso: { set: { effort: { cel: request.modle } } }'],
])('a name that is not known is marked where it stands in %s', (_, lines) => {
  const text = rule(`${lines}\ndecide: { keep: true }`)
  const [problem, ...more] = told(text)
  expect(more).toEqual([])
  expect(marked(text, problem!)[0]).toBe('modle')
  expect(problem!.message).toContain('There is no field “modle” here. “request” has model, kind,')
  expect(told(mended(text))).toEqual([])
})

test.each([
  ['when: request.model ==', '=', 'The expression ends where something is still to come.', 'expression_malformed'],
  ['when: request.model > 3', 'request.model > 3', '“>” does not work with a text and a whole number.', 'type_error'],
  ['when: prompt.tokens * 2', 'prompt.tokens * 2', 'A condition is true or false; this gives a number.', 'type_error'],
  ['when: team == "sales"', 'team == "sales"', '“team” holds several things: say which, of id, name.', 'type_error'],
  [
    `when: 'prompt.text.matches("(a")'`,
    '"(a"',
    'The pattern “(a” cannot be read: a “)” is missing.',
    'expression_malformed',
  ],
  [
    'when: tags.exists(a, tags.exists(b, a == b))',
    'tags.exists(a, tags.exists(b, a == b))',
    'It goes through lists within lists, for which there is no time while a request waits.',
    'too_costly',
  ],
])('%s is refused where it is wrong', (line, place, message, code) => {
  const text = rule(`${line}\ndecide: { keep: true }`)
  const [problem, ...more] = told(text)
  expect(more).toEqual([])
  expect(marked(text, problem!)).toEqual([place, message])
  expect(problem!.code).toBe(code)
})

test.each([
  ['decide: { deny: { status: forbidden } }', '“reason” is missing.'],
  [
    'decide: { deny: { reason: No., status: forbiden } }',
    '“status” is one of forbidden, over_budget, not_found, bad_request, too_many_requests, unavailable.',
  ],
  ['decide: { route: small, keep: true }', '“decide” says one thing; here it says route and keep.'],
  ['decide: {}', '“decide” says one of route, downgrade, keep or deny.'],
  ['decide: { route: [{ provider: a, model: b, weight: 0 }] }', 'All weights are 0: one target at least needs more.'],
  ['decide: { route: [{ provider: a, modle: b }] }', '“model” is missing.'],
  ['decide: { route: 7 }', '“route” cannot be a number.'],
  ['also: { weights: { a: 0, b: 0 } }', 'All weights are 0: one target at least needs more.'],
  ['also: { cache: { mode: exact, ttl: soon } }', '“ttl” is no length of time like 1h.'],
  ['also: { guardrail: { pii: hide } }', '“pii” is one of flag, mask, block.'],
  ['also: { set: { temperature: 9 } }', '“temperature” is at most 2.'],
  ['also: { set: { effort: { cel: prompt.tokens } } }', 'This parameter is a text; this gives a number.'],
  ['for: { teams: [] }\ndecide: { keep: true }', '“teams” names at least one, or is left out.'],
  ['enabled: maybe\ndecide: { keep: true }', '“enabled” has to be true or false, not a text.'],
  ['when:\ndecide: { keep: true }', '“when” is empty: write something, or leave it out.'],
  [
    'from: 2026-12-24T08:00\ndecide: { keep: true }',
    '“from” does not say its zone; write it like 2027-01-31T08:00+01:00.',
  ],
  ['from: 2027-01-01\nuntil: 2026-01-01\ndecide: { keep: true }', 'This rule is over before it begins.'],
  ['description: It waits.', 'This rule does nothing: it has neither “decide” nor “also”.'],
  [`when: 'headers["X-Tier"] == "gold"'\ndecide: { keep: true }`, 'Headers are known by their names in small letters.'],
])('%s: a sentence says what is wrong', (lines, message) => {
  expect(told(rule(lines)).map((one) => one.message)).toContain(message)
})

test.each([
  ['when: !request.stream', "when: '!request.stream'"],
  ['when: "beta" in tags', `when: '"beta" in tags'`],
  [`when: team.name == "a: b"`, `when: 'team.name == "a: b"'`],
])('what YAML takes for something else is put in quotes with one click: %s', (line, quoted) => {
  const text = rule(`${line}\ndecide: { keep: true }`)
  expect(told(text)).not.toEqual([])
  expect(mended(text)).toBe(text.replace(line, quoted))
  expect(told(mended(text))).toEqual([])
})

test('a rule that no request gets to, a rule that says the same again, and an id twice are told', () => {
  const text = `name: Test
rules:
  - { id: all, decide: { route: small } }
  - { id: sales, for: { teams: [sales] }, decide: { route: large } }
  - { id: late, when: request.stream, decide: { route: large } }
  - { id: tags, also: { tag: [a] }, decide: { keep: true } }
  - { id: again, also: { tag: [a] }, decide: { keep: true } }
  - { id: sales, for: { keys: [chat] }, decide: { route: large } }
`
  expect(told(text).map((one) => [one.rule, one.path, one.message])).toEqual([
    ['late', '/rules/2', 'This decides nothing: “all” always decides before it.'],
    ['tags', '/rules/3/decide', 'This decides nothing: “all” always decides before it.'],
    ['again', '/rules/4', '“tags” says the same before it.'],
    ['sales', '/rules/5/id', 'There is another rule “sales” above.'],
  ])
})

test('names that nothing goes by are told when it is known what there is', () => {
  const catalogue: Catalogue = {
    aliases: ['small', 'large'],
    providers: { openai: ['gpt-5'], local: null },
    guardrails: ['pii'],
    teams: ['sales'],
  }
  const text = `name: Test
rules:
  - { id: a, for: { teams: [sale] }, when: request.stream, decide: { route: smal } }
  - { id: b, when: request.images, also: { guardrail: { ppi: mask } }, decide: { route: [{ provider: openai, model: gpt-6 }] } }
  - { id: c, decide: { route: [{ provider: local, model: any }, { provider: opnai, model: gpt-5 }] } }
`
  expect(told(text, catalogue).map(({ level, message }) => [level, message])).toEqual([
    ['warning', 'There is no team “sale”. Did you mean “sales”?'],
    ['error', 'There is no route “smal”. Did you mean “small”?'],
    ['error', 'There is no guardrail “ppi”. Did you mean “pii”?'],
    ['error', 'There is no model of openai “gpt-6”. Did you mean “gpt-5”?'],
    ['error', 'There is no provider “opnai”. Did you mean “openai”?'],
  ])
  const all = told(text, catalogue).flatMap(({ fix }) => fix?.splices ?? [])
  expect(told(spliced(text, all), catalogue)).toEqual([])
})

test.each([
  ['anchors', 'name: &a Test\nrules: []', 'anchor'],
  ['a bomb of aliases', 'name: Test\na: &a [x]\nb: &b [*a, *a]\nrules: [*b, *b]', 'anchor'],
  ['a type of its own', 'name: !!js/function x\nrules: []', 'tag'],
  ['a key twice', 'name: a\nname: b\nrules: []', 'duplicate_key'],
  ['a key of all objects', 'name: a\n__proto__: {}\nrules: []', 'unknown_key'],
  ['two documents', 'name: a\nrules: []\n---\nname: b\nrules: []', 'yaml'],
  ['too many bytes', `name: ${'a'.repeat(600_000)}`, 'too_large'],
  ['too many lines', '\n'.repeat(30_000), 'too_large'],
  ['too many rules', `name: a\nrules: [${'{},'.repeat(2001)}]`, 'invalid'],
  ['lists in lists without end', '['.repeat(100_000), 'yaml'],
])('%s: refused', (_, text, code) => {
  const { document, problems } = validate(text)
  expect(document).toBeNull()
  expect(problems.map((one) => one.code)).toContain(code)
})

test('rules that read a classifier are warned where none is in force, and may be published all the same', () => {
  const text =
    'name: Test\nrules:\n  - { id: easy, when: "request.stream || prompt.suffices", decide: { route: fast } }\n'
  const { document, problems } = validate(text, { aliases: ['fast'], classifier: false })
  expect(document).not.toBeNull()
  expect(problems).toMatchObject([
    {
      code: 'no_classifier',
      level: 'warning',
      rule: 'easy',
      message: expect.stringContaining('prompt.suffices') as string,
    },
  ])
  expect(validate(text, { aliases: ['fast'], classifier: true }).problems).toEqual([])
})
