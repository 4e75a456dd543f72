import { expect, test } from 'vitest'
import * as chat from './chat/index.ts'
import * as completions from './completions/index.ts'
import * as converse from './converse/index.ts'
import { failure, type FailureClass } from './failure.ts'
import * as gemini from './gemini/index.ts'
import * as messages from './messages/index.ts'
import * as responses from './responses/index.ts'

test.each([
  [429, { error: { message: 'Slow down', type: 'requests', code: 'rate_limit_exceeded' } }, 'rate_limited'],
  [429, { error: { message: 'Pay first', type: 'insufficient_quota', code: 'insufficient_quota' } }, 'billing'],
  [429, { error: { message: 'Used up', type: 'rate_limit_error', code: 'budget_exceeded' } }, 'billing'],
  [
    400,
    { error: { message: 'Too long', type: 'invalid_request_error', code: 'context_length_exceeded' } },
    'context_length',
  ],
  [
    400,
    { error: { message: "This model's maximum context length is 9 tokens.", type: 'invalid_request_error' } },
    'context_length',
  ],
  [400, { error: { code: 'content_filter', message: 'No', innererror: {} } }, 'content_policy'],
  [401, { error: { message: 'Who?', code: 'invalid_api_key' } }, 'unauthenticated'],
  [503, { error: { message: 'Overloaded', type: 'server_error' } }, 'overloaded'],
  [422, { detail: [{ loc: ['body'], msg: 'field required' }] }, 'invalid'],
  [404, { object: 'error', message: 'The model does not exist', type: 'NotFoundError', code: 404 }, 'not_found'],
  [400, { error: 'invalid model' }, 'invalid'],
  [502, '<html>Bad Gateway</html>', 'broken'],
  [500, undefined, 'internal'],
])('a refusal of a chat provider is known for what it is: %d %j', (status, body, of) => {
  expect(chat.readError(status, body)).toMatchObject({ class: of, status })
})

test.each([
  [529, { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }, 'overloaded', 503],
  [
    400,
    { type: 'error', error: { type: 'invalid_request_error', message: 'prompt is too long: 9 tokens > 8 maximum' } },
    'context_length',
    400,
  ],
  [413, { type: 'error', error: { type: 'request_too_large', message: 'Too large' } }, 'too_large', 413],
  [429, { type: 'error', error: { type: 'rate_limit_error', message: 'Slow down' } }, 'rate_limited', 429],
  [500, 'oops', 'internal', 500],
])('a refusal of Anthropic is told to an OpenAI client as it knows it: %d %j', (status, body, of, told) => {
  const failure = messages.readError(status, body)
  expect(failure).toMatchObject({ class: of, status })
  expect(chat.writeError(failure)).toMatchObject({ status: told })
})

test('how long to wait is passed on, however it was said', () => {
  const at = (headers: Record<string, string>) => chat.readError(429, {}, (name) => headers[name], 1_000_000).retryAfter
  expect(at({ 'retry-after': '20' })).toBe(20)
  expect(at({ 'retry-after-ms': '1500', 'retry-after': '20' })).toBe(1.5)
  expect(at({ 'retry-after': new Date(1_030_000).toUTCString() })).toBe(30)
  expect(at({ 'retry-after': 'soon' })).toBeUndefined()
  expect(messages.writeError({ class: 'overloaded', status: 503, message: 'x', retryAfter: 1.5 })).toMatchObject({
    status: 529,
    headers: { 'retry-after': '2' },
  })
})

test('every wire knows again what another gateway of ours tells on it', () => {
  const told: FailureClass[] = [
    'invalid',
    'unauthenticated',
    'forbidden',
    'not_found',
    'rate_limited',
    'internal',
    'overloaded',
    'timeout',
  ]
  for (const of of told) {
    const given = failure(of, 'Not now.', { retryAfter: 3 })
    const known = [
      [chat.writeError(given), chat.readError],
      [completions.writeError(given), chat.readError],
      [responses.writeError(given), responses.readError],
      [messages.writeError(given), messages.readError],
      [gemini.writeError(given), gemini.readError],
      [converse.writeError(given), converse.readError],
    ] as const
    for (const [{ status, headers, body }, read] of known)
      expect(read(status, body, (name) => headers[name])).toMatchObject({
        class: of,
        message: 'Not now.',
        retryAfter: 3,
      })
  }
})
