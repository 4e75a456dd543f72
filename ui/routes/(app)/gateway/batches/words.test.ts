import { expect, test } from 'vitest'
import type { ModelBatch } from '#schemas/gateway/batches.ts'
import { endpointOptions, endpointText, progressText, sharesOf, titleOf } from './words.ts'

const batch: ModelBatch = {
  id: 'batch_01jd2x7m4hf8q9v0w3k5n6p7rs',
  name: null,
  wire: 'chat',
  endpoint: '/v1/chat/completions',
  key: null,
  by: { id: 'usr_1', name: 'Dana' },
  state: 'running',
  total: 2000,
  succeeded: 1000,
  errored: 5,
  canceled: 0,
  expired: 0,
  problems: [],
  createdAt: '',
  closedAt: null,
  expiresAt: '',
}

test('a batch says how far it is, and what became of its lines', () => {
  expect(progressText(batch)).toBe('1,005 of 2,000 lines answered')
  expect(progressText({ ...batch, state: 'completed', succeeded: 1995 })).toBe('1,995 of 2,000 lines answered well')
  expect(progressText({ ...batch, state: 'failed' })).toBe('No line was asked')
  expect(progressText({ ...batch, state: 'reading' })).toBe('Its lines are being read')
  expect(sharesOf({ ...batch, canceled: 3, expired: 4 }).map(({ count }) => count)).toEqual([1000, 5, 7])
  expect(titleOf(batch)).toBe('Batch …k5n6p7rs')
  expect(titleOf({ ...batch, name: 'Cars' })).toBe('Cars')
})

test('each kind of request has a name', () => {
  expect(endpointOptions[0]).toEqual({ value: '/v1/chat/completions', label: 'Chat completions' })
  expect([endpointText('/v1/images/generations'), endpointText('/v1/messages')]).toEqual(['Images', 'Messages'])
})
