import { expect, test } from 'vitest'
import { meantBy } from './meant.ts'

test.each([
  ['/automations', '/automation'],
  ['/automations/lead-response', '/automation/lead-response'],
  ['/overview', '/'],
  ['/models/keys', '/gateway/keys'],
  ['/nothing', undefined],
  ['/constructor', undefined],
])('who writes %s means %s', (path, meant) => {
  expect(meantBy(path)).toBe(meant)
})
