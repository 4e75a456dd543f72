import { expect, test } from 'vitest'
import { suggest } from './completion.ts'
import { sample } from './sample.ts'
import { scopeOf } from './scope.ts'
import { withSeen } from './seen.ts'

const names = {
  input: { dealer: 'North' },
  steps: { read: { status: 200, body: { cars: [{ vin: 'A1', price: 9.5 }] } }, tell: { sent: true } },
  vars: {},
}
const offered = (text: string) => suggest(text, text.length, withSeen(scopeOf(sample(), 'ask'), names))?.list
const labels = (text: string) => offered(text)?.map(({ label }) => label)

test('the fields of what a step gave in a run are offered, as deep as they go, with their type and value', () => {
  expect(labels('steps.read.body.')).toEqual(['cars'])
  expect(labels('steps.read.body.cars[0].')).toEqual(['vin', 'price'])
  expect(offered('steps.read.body.cars[0].pri')?.[1]).toMatchObject({
    detail: 'number',
    about: expect.stringContaining('9.5') as string,
  })
  expect(labels('size(input.')).toEqual(['dealer'])
})

test('what the schema says of a step stands before what a run shows, and later steps stay out', () => {
  expect(labels('steps.read.')).toEqual(['status', 'headers', 'body'])
  expect(labels('steps.')).not.toContain('tell')
})

test('what a run is told of itself is what the schema says, whatever one run was', () => {
  const scope = scopeOf(sample(), 'ask')
  const seen = withSeen(scope, { ...names, run: { id: 'run_1', odd: 1 }, now: '2026-11-22T10:00:00Z' })
  expect(seen.properties?.['run']).toBe(scope.properties?.['run'])
  expect(seen.properties?.['now']).toBe(scope.properties?.['now'])
})

test('a list offers what can be done with lists, and its entries are not taken for names of their own', () => {
  expect(labels('steps.read.body.cars.')).toContain('filter')
  expect(labels('steps.read.body.cars[0]')).toBeUndefined()
})
