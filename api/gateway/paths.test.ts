import { expect, test } from 'vitest'
import { isForGateway } from './paths.ts'

test.each([
  ['/gateway/openai/v1/chat/completions', true],
  ['/gateway/openai?x', true],
  ['/gateway/anthropic/v1/messages', true],
  ['/gateway', false],
  ['/gateway/keys', false],
  ['/gateway/requests/mrq_01', false],
  ['/gateway/openaichat', false],
])('%s is for the wires: %s', (url, wires) => {
  expect(isForGateway(url)).toBe(wires)
})
