import { expect, test } from 'vitest'
import type { ModelRequest } from '#schemas/gateway/requests.ts'
import { to } from '#ui/lib/paths.ts'
import { askedOf, modelOptions, noFilter, passes, readFilter, type RequestFilter } from './filter.ts'

const request = {
  asked: 'fast',
  model: 'gpt-5-mini',
  outcome: 'ok',
  key: { id: 'vky_1', name: 'Desk' },
  run: 'run_1',
  cache: { how: 'exact' },
} as ModelRequest

test('an address keeps the whole filter, and what it does not know is left out', () => {
  const filter: RequestFilter = {
    outcome: 'cut',
    key: 'vky_1',
    run: 'run_1',
    model: 'openai/gpt-5 & more',
    cache: 'hit',
  }
  const address = new URL(to.modelRequests(filter), 'http://localhost')
  expect(readFilter(address.searchParams)).toEqual(filter)
  expect(to.modelRequests(noFilter)).toBe('/gateway')
  expect(readFilter(new URLSearchParams('outcome=toString&other=1&cache=some'))).toEqual(noFilter)
})

test('the API is asked for what is set', () => {
  expect(askedOf(noFilter)).toEqual({})
  expect(askedOf({ ...noFilter, outcome: 'failed' })).toEqual({ outcome: 'failed' })
})

test.each<[Partial<RequestFilter>, boolean]>([
  [{}, true],
  [{ outcome: 'ok' }, true],
  [{ outcome: 'cut' }, false],
  [{ model: 'fast' }, true],
  [{ run: 'run_1' }, true],
  [{ run: 'run_2' }, false],
  [{ model: 'gpt-5-mini' }, true],
  [{ model: 'gpt' }, false],
  [{ key: 'vky_1' }, true],
  [{ key: 'vky_2' }, false],
  [{ cache: 'hit' }, true],
  [{ cache: 'miss' }, false],
])('a live request and the filter %j: %s', (change, fits) => {
  expect(passes(request, { ...noFilter, ...change })).toBe(fits)
})

test('a model is offered once, and the one that is chosen always', () => {
  expect(modelOptions(['fast'], [request], 'gone').map(({ value }) => value)).toEqual([
    '',
    'fast',
    'gone',
    'gpt-5-mini',
  ])
})
