import { calcPrice, findProvider } from '@pydantic/genai-prices'
import { expect, test } from 'vitest'
import type { KindName } from '#schemas/gateway/kinds/index.ts'
import { priceOf } from './price.ts'

const at = Date.parse('2026-11-22T12:00:30Z')
const models: [KindName, string, string][] = [
  ['openai', 'openai', 'gpt-5-mini'],
  ['openai', 'openai', 'text-embedding-3-small'],
  ['anthropic', 'anthropic', 'claude-sonnet-4-5'],
  ['anthropic', 'anthropic', 'claude-haiku-4-5'],
  ['gemini', 'google', 'gemini-2.5-pro'],
  ['mistral', 'mistral', 'mistral-large-latest'],
]

test.each(models)('each time a %s price is that of the book: %s %s', (kind, providerId, model) => {
  const provider = findProvider({ providerId })!
  for (const input of [0, 7, 1000, 150_000, 200_000, 200_001, 900_000])
    for (const [cached, cacheWrite, output] of [
      [0, 0, 0],
      [0, 0, 100],
      [0.5, 0, 33],
      [0.25, 0.5, 8191],
    ] as const) {
      const tokens = {
        input,
        cached: Math.floor(input * cached),
        cacheWrite: Math.floor(input * cacheWrite),
        output,
        reasoning: 0,
      }
      const usage = {
        input_tokens: input,
        cache_read_tokens: tokens.cached,
        cache_write_tokens: tokens.cacheWrite,
        output_tokens: output,
      }
      const book = calcPrice(usage, model, { provider, timestamp: new Date(at) })!
      const ours = priceOf({ provider: 'p', kind, model }, tokens, at)!
      expect(Math.abs(ours.nano - book.total_price * 1e9), JSON.stringify(tokens)).toBeLessThanOrEqual(1)
    }
})

test('a price of one’s own comes before that of the book, from its time on', () => {
  const rates = new Map([
    [
      'p/gpt-5-mini',
      [
        { since: at, input: 1_000_000_000, cached: 0, output: 0, book: 'dearer' },
        { since: at - 1000, input: 2_000_000_000, cached: 0, output: 0, book: 'dear' },
      ],
    ],
  ])
  const tokens = { input: 1000, cached: 0, cacheWrite: 0, output: 0, reasoning: 0 }
  const cost = (when: number) =>
    priceOf({ provider: 'p', kind: 'openai', model: 'gpt-5-mini' }, tokens, when, rates)?.nano
  expect([cost(at), cost(at - 1), cost(at - 1001)]).toEqual([1_000_000, 2_000_000, 250_000])
})

test('a model that no book has, and nobody gave a price, has none', () => {
  const tokens = { input: 1, cached: 0, cacheWrite: 0, output: 1, reasoning: 0 }
  for (let time = 0; time < 2; time++)
    expect(priceOf({ provider: 'p', kind: 'openai', model: 'our-own' }, tokens, at)).toBeNull()
})

const used = { input: 100, cached: 0, cacheWrite: 0, output: 1000, reasoning: 0 }
test.each([
  ['gpt-image-1.5', { ...used, apart: { imageInput: 50, imageOutput: 1000 } }, 32_650_000],
  ['gpt-4o-transcribe', { ...used, output: 10, apart: { audioInput: 90 } }, 665_000],
  ['whisper-1', { ...used, output: 0, apart: { audioInput: 100, seconds: 3600 } }, 360_000_000],
  ['gpt-5-mini', { ...used, apart: { tier: 'flex' as const } }, 1_012_500],
  ['omni-moderation-latest', { ...used, output: 0 }, 0],
  // what it has a price for was not told
  ['whisper-1', used, null],
])('what is no text, or may wait, has its own price: %s', (model, tokens, nano) => {
  const of = { provider: 'p', kind: 'openai' as const, model }
  for (let time = 0; time < 2; time++) expect(priceOf(of, tokens, at)?.nano ?? null).toBe(nano)
  // what one kind of request costs says nothing of the next one
  expect(priceOf({ ...of, model: 'gpt-5-mini' }, used, at)?.nano).toBe(2_025_000)
})
