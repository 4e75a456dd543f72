import { expect, test } from 'vitest'
import { firstSteps, stepNow } from './steps.ts'

const now = (providers: number, routes: number, keys: number, requests: number) =>
  stepNow(firstSteps({ providers, routes, keys, requests }))?.id

test('one is led from the provider to the first request', () => {
  expect([now(0, 0, 0, 0), now(1, 0, 0, 0), now(1, 2, 0, 0), now(1, 1, 1, 0), now(1, 1, 1, 9)]).toEqual([
    'provider',
    'route',
    'key',
    'request',
    undefined,
  ])
})

test('what was done out of turn is ticked off all the same', () => {
  expect(firstSteps({ providers: 0, routes: 0, keys: 1, requests: 0 }).map(({ done }) => done)).toEqual([
    false,
    false,
    true,
    false,
  ])
})
