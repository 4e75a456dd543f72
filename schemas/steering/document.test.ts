import { Validator } from '@cfworker/json-schema'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { suggest } from '#ui/lib/automation/completion.ts'
import { documents } from '#test/harness/steering.ts'
import { conditionScope } from './completion.ts'
import { documentShape, levelOf, steeringSchema } from './document.ts'
import { Prompt } from './prompt.ts'
import { guessLanguage } from './prompt-language.ts'
import { check } from './language.ts'
import { structs } from './variables.ts'

test('the schema that editors complete from takes the documents that are taken', () => {
  const validator = new Validator(steeringSchema() as ConstructorParameters<typeof Validator>[0], '2020-12')
  fc.assert(
    fc.property(documents(3), (document) => {
      const plain = JSON.parse(JSON.stringify(document)) as unknown
      expect(documentShape.safeParse(plain).success).toBe(true)
      expect(validator.validate(plain).errors).toEqual([])
    }),
    { seed: 20_261_122, numRuns: 100 },
  )
  expect(validator.validate({ name: 'a', rules: [{ id: 'a', whne: 'true' }] }).valid).toBe(false)
})

test('a rule has the level of the most specific part of its scope', () => {
  expect(levelOf({ for: { models: ['a'], teams: ['b'] } })).toBe('teams')
  expect(levelOf({ for: { keys: ['a'] }, enforced: true })).toBe('enforced')
  expect(levelOf({})).toBe('tenant')
})

test('every name that is completed can be read in a condition', () => {
  const names = suggest('', 0, conditionScope())?.list.flatMap((one) => (one.type === 'name' ? [one.label] : []))
  expect(names).toEqual([...Object.keys(structs), 'tags', 'headers'])
  for (const root of Object.keys(structs))
    for (const { label, type } of suggest(`${root}.`, root.length + 1, conditionScope())?.list ?? [])
      if (type === 'name') expect(check(`${root}.${label}`)).toHaveProperty('type')
  expect(suggest('budget.team.u', 13, conditionScope())?.list.map(({ label }) => label)).toContain('used')
})

const prompt = (...turns: [by: 'user' | 'assistant', text: string][]) =>
  new Prompt({ system: 'Be brief.', turns: turns.map(([by, text]) => ({ by, text })) })

test('of a prompt its end is read, and what the user said last', () => {
  const long = prompt(['user', 'a'.repeat(20_000)], ['assistant', 'Yes.'], ['user', 'And now?'], ['assistant', 'Well'])
  expect(long).toMatchObject({ turns: 4, last: 'And now?', lastCharacters: 8, systemCharacters: 9 })
  expect(long.text).toHaveLength(16_000)
  expect(long.text.endsWith('a\nYes.\nAnd now?\nWell')).toBe(true)
  expect(prompt()).toMatchObject({ text: '', last: '', tokens: 3, code: false, language: '' })
})

test('tokens are estimated from letters, and signs of other scripts count more', () => {
  expect(prompt(['user', 'word '.repeat(400)]).tokens).toBe(3 + 500 + 4)
  expect(prompt(['user', 'word '.repeat(40_000)]).tokens).toBe(3 + 50_000 + 4)
  expect(prompt(['user', '日本語の文章'.repeat(100)]).tokens).toBe(3 + 450 + 4)
})

test.each([
  ['Please fix this:\n```ts\nconst a = 1\n```', true],
  ['def total(rows):\n    return sum(rows);', true],
  ['What does the return of a leased car cost?', false],
])('%j looks like code: %s', (text, code) => {
  expect(prompt(['user', text]).code).toBe(code)
})

test.each([
  ['en', 'What is the price of this car, and how do you deliver it?'],
  ['de', 'Wie hoch ist die Rate und wann können wir das Auto bekommen?'],
  ['fr', 'Pour les clients que nous avons dans une agence, est-ce possible ?'],
  ['es', 'El precio del coche es muy alto, pero está bien para los clientes.'],
  ['ja', '車の価格を教えてください'],
  ['ru', 'Сколько стоит эта машина?'],
  ['', '12345 :-)'],
])('the language %s is guessed', (language, text) => {
  expect(guessLanguage(text)).toBe(language)
})
