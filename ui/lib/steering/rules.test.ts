import { expect, test } from 'vitest'
import { changed, draw, freeId } from './rules.ts'
import { levelOf } from './level.ts'
import { added, decided } from './told.ts'

const text = `name: House rules # ours
rules:
  # Contracts stay.
  - id: contracts
    for: { tags: [store=north] }
    when: prompt.text.contains("contract")
    also: { tag: [legal], set: { temperature: 0, maxTokens: { cel: prompt.tokens } } }
    decide: { deny: { reason: Not this. } }
  - { id: short, decide: { route: [{ provider: a, model: b }, { provider: c, model: d }] } }
`

test('a text is drawn as its rules, with what each decides and adds in a few words', () => {
  const { name, rules } = draw(text)!
  expect([name, rules.map(({ id }) => id)]).toEqual(['House rules', ['contracts', 'short']])
  expect(rules.map(decided)).toEqual(['deny: Not this.', 'send to a/b or c/d'])
  expect(added(rules[0]!)).toEqual(['tags legal', 'temperature 0', 'maxTokens = prompt.tokens'])
  expect(rules.map(levelOf)).toEqual(['tags', 'tenant'])
})

test.each([
  ['no YAML', 'name: "a'],
  ['a list', '- a'],
  ['two rules of one id', 'rules: [{ id: a }, { id: a }]'],
  ['a rule without an id', 'rules: [{ when: a }]'],
  ['a rule that is a text', 'rules: [a]'],
])('%s is not drawn', (_, odd) => {
  expect(draw(odd)).toBeNull()
})

test('what is drawn is written into the text, and its comments stay', () => {
  const next = changed(text, {
    do: 'add_rule',
    rule: { id: freeId(draw(text)!.rules, 'short'), decide: { keep: true } },
  })
  expect(next).toContain('# Contracts stay.')
  expect(next).toContain('# ours')
  expect(draw(next)!.rules.map(({ id }) => id)).toEqual(['contracts', 'short', 'short-2'])
})
