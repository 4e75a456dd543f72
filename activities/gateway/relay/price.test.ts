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
        { since: at, input: 1_000_000_000, cached: 0, output: 0 },
        { since: at - 1000, input: 2_000_000_000, cached: 0, output: 0 },
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
