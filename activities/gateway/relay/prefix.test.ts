import { expect, test } from 'vitest'
import type { Operation } from '#schemas/gateway/kinds/kind.ts'
import { readAsked, type Asked } from './asked.ts'
import { seedOf } from './prefix.ts'

const asked = (operation: Operation, body: object): Asked =>
  readAsked(operation, Buffer.from(JSON.stringify({ model: 'fast', ...body }))) as Asked
const seed = (operation: Operation, body: object): number => seedOf(asked(operation, body), () => 0.5)
const user = (content: string) => ({ role: 'user', content })
const said = { role: 'assistant', content: 'Yes.' }

test.each<[Operation, (turns: object[]) => object]>([
  ['chat', (turns) => ({ messages: [{ role: 'system', content: 'You sell [cars].' }, ...turns] })],
  ['messages', (turns) => ({ system: 'You sell cars.', messages: turns })],
  ['responses', (turns) => ({ instructions: 'You sell cars.', input: turns })],
])('the turns of a conversation have one number, and another conversation has another: %s', (operation, bodyOf) => {
  const first = seed(operation, bodyOf([user('A red one?')]))
  expect(seed(operation, bodyOf([user('A red one?'), said, user('How old?')]))).toBe(first)
  expect(seed(operation, bodyOf([user('A blue one?')]))).not.toBe(first)
})

test('who is told to sell vans is in another conversation', () => {
  const of = (system: string) => seed('messages', { system, messages: [user('A red one?')] })
  expect(of('You sell cars.')).not.toBe(of('You sell vans.'))
})

test('a key of the caller’s for the cache says which belong together', () => {
  const of = (content: string) => seed('chat', { prompt_cache_key: 'desk-7', messages: [user(content)] })
  expect(of('A red one?')).toBe(of('A blue one?'))
})

test('what is no conversation goes by chance', () => {
  expect(seedOf(asked('embeddings', { input: 'car' }), () => 0.25)).toBe(2 ** 30)
  expect(seed('responses', { input: 'A red one?' })).toBe(seed('responses', { input: 'A red one?' }))
})

test.each(['[', '[{', '[1', '[{"role":"assistant"}', '{}', 'null', '[{"role":"user"'])(
  'messages that are malformed have a number all the same: %s',
  (messages) => {
    const bytes = Buffer.from(`{"model":"fast","messages":${messages}}`)
    const read = readAsked('chat', bytes)
    if (!('why' in read)) expect(seedOf(read)).toBeGreaterThanOrEqual(0)
  },
)
