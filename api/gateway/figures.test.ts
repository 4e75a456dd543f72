import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { GuardCounts } from '#activities/gateway/relay/guard-counts.ts'
import { tellOfRelay } from './figures.ts'

const one = { guardrail: 'grd_1', name: 'people', kind: 'pii', act: 'mask' } as const

test('figures tell what guardrails did, by their kind, and not of whom', async () => {
  const counts = new GuardCounts()
  const registry = new Registry()
  tellOfRelay(
    { figures: () => ({ waiting: 2, unspooled: 0, unrecorded: 3, unsampled: 4 }), guarded: () => counts.all },
    registry,
  )
  counts.count([{ ...one, why: [], did: 'masked', input: { email: 2, card: 1 }, output: { email: 1 } }])
  counts.count([{ ...one, why: [], did: 'passed', input: {}, output: {} }])
  counts.count([{ ...one, why: [], did: 'masked', input: { email: 1 }, output: {} }])
  for (let twice = 0; twice < 2; twice++) {
    const told = await registry.metrics()
    expect(told).toContain('auterity_gateway_guardrail_requests_total{kind="pii",did="masked"} 2')
    expect(told).toContain('auterity_gateway_guardrail_matches_total{kind="pii",did="masked"} 5')
    expect(told).toContain('auterity_gateway_guardrail_requests_total{kind="pii",did="passed"} 1')
    expect(told).toContain('auterity_gateway_requests_waiting 2')
    expect(told).toContain('auterity_gateway_requests_unrecorded 3')
    expect(told).toContain('auterity_gateway_requests_unsampled 4')
    expect(told).not.toContain('people')
  }
})
