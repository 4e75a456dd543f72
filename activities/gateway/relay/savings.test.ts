import { expect, test } from 'vitest'
import { targetOf } from '#schemas/gateway/routes.ts'
import { usualRouting } from '#schemas/gateway/routing.ts'
import { accounted } from '#test/harness/accounted.ts'
import { noModels, type KnownProvider, type Models } from '../store-known.ts'
import type { Accounted } from './accounted.ts'
import { priceOf } from './price.ts'
import { savingsOf, usualOf } from './savings.ts'

const row = (change: Partial<Accounted>): Accounted => ({ ...accounted, ...change })
const none = { cache: 0, promptCache: 0, routing: 0, marks: 0, trimming: 0 }
const tokens = (cached: number, cacheWrite = 0) => ({ input: 1000, cached, cacheWrite, output: 100, reasoning: 0 })
const nano = (model: string, cached: number, cacheWrite = 0, kind: 'openai' | 'anthropic' = 'openai') =>
  priceOf({ provider: 'x', kind, model }, tokens(cached, cacheWrite), accounted.at)?.nano ?? Number.NaN

test('what the provider read from its prompt cache would have cost its full price', () => {
  const saved = savingsOf(row({ tokens: tokens(500) }))
  expect(saved).toEqual({ ...none, promptCache: nano('gpt-5-mini', 0) - nano('gpt-5-mini', 500) })
  expect(saved?.promptCache).toBeGreaterThan(0)
})

test('a prompt that was written into a cache cost more: that is told as such', () => {
  const change = { kind: 'anthropic' as const, model: 'claude-sonnet-4-5', tokens: tokens(0, 800) }
  expect(savingsOf(row(change))?.promptCache).toBeLessThan(0)
})

test('what was kept since we marked it is booked to the marks, with what writing it cost', () => {
  const read = { kind: 'anthropic' as const, model: 'claude-sonnet-4-5', marked: true }
  const [whole, written, cached] = [nano(read.model, 0, 0, 'anthropic'), 800, 900].map(Number) as [
    number,
    number,
    number,
  ]
  expect(savingsOf(row({ ...read, tokens: tokens(0, written) }))).toEqual({
    ...none,
    marks: whole - nano(read.model, 0, written, 'anthropic'),
  })
  expect(savingsOf(row({ ...read, tokens: tokens(cached) }))).toEqual({
    ...none,
    marks: whole - nano(read.model, cached, 0, 'anthropic'),
  })
  expect(savingsOf(row({ ...read, tokens: tokens(0, written) }))?.marks).toBeLessThan(0)
  expect(savingsOf(row({ ...read, tokens: tokens(cached) }))?.marks).toBeGreaterThan(0)
})

test('what was left out would have been read too, with the same share of it out of the prompt cache', () => {
  const of = (input: number, cached: number) =>
    priceOf({ provider: 'x', kind: 'openai', model: 'gpt-5-mini' }, { ...tokens(cached), input }, accounted.at)?.nano ??
    Number.NaN
  const trimmed = { passages: 1, tokens: 500 }
  expect(savingsOf(row({ tokens: tokens(0), trimmed }))).toEqual({ ...none, trimming: of(1500, 0) - of(1000, 0) })
  expect(savingsOf(row({ tokens: tokens(500), trimmed }))).toMatchObject({ trimming: of(1500, 750) - of(1000, 500) })
})

test('a rule that chose another model saved the difference, at the same tokens', () => {
  const usual = { provider: 'x', kind: 'openai' as const, model: 'gpt-5' }
  expect(savingsOf(row({ tokens: tokens(0), usual }))).toEqual({
    ...none,
    routing: nano('gpt-5', 0) - nano('gpt-5-mini', 0),
  })
  const dearer = savingsOf(row({ model: 'gpt-5', tokens: tokens(0), usual: { ...usual, model: 'gpt-5-mini' } }))
  expect(dearer?.routing).toBeLessThan(0)
})

test('an answer that was given again saved all that it would have cost', () => {
  const cache = { how: 'exact' as const, of: 'x', ageMs: 1, similarity: null }
  const saved = savingsOf(row({ cache, tokens: tokens(500), price: { nano: 0, book: 'test' } }))
  expect(saved).toEqual({ ...none, cache: nano('gpt-5-mini', 500) })
})

test('where nothing was at work, or a price is not known, nothing is claimed', () => {
  expect(savingsOf(row({ tokens: tokens(0) }))).toBeNull()
  expect(savingsOf(row({ tokens: null }))).toBeNull()
  expect(savingsOf(row({ price: null }))).toBeNull()
  expect(savingsOf(row({ tokens: { ...tokens(500), apart: { audioInput: 300 } } }))).toBeNull()
  expect(savingsOf(row({ usual: { provider: 'x', kind: 'compatible', model: 'our-own' } }))).toBeNull()
})

test('who is usually asked is the first target with the most weight, or the model that is called by its provider', () => {
  const provider = (name: string): [string, KnownProvider] => [
    name,
    { name, kind: 'openai', baseUrl: '', enabled: true, shared: false, keys: [] },
  ]
  const targets = [
    { ...targetOf('one', 'spare'), priority: 1, weight: 9 },
    { ...targetOf('one', 'little'), priority: 0, weight: 1 },
    { ...targetOf('one', 'much'), priority: 0, weight: 5 },
  ]
  const models: Models = {
    ...noModels,
    providers: new Map([provider('one')]),
    routes: new Map([['fast', { targets, routing: usualRouting }]]),
  }
  expect(usualOf(models, 'fast')).toMatchObject({ model: 'much' })
  expect(usualOf(models, 'one/gpt-5')).toEqual({ provider: 'one', kind: 'openai', model: 'gpt-5' })
  expect(usualOf(models, 'nothing')).toBeNull()
})
