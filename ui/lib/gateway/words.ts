import type { HealthState } from '#schemas/gateway/health.ts'
import type { Outcome } from '#schemas/gateway/requests.ts'

/** How each outcome of a request to a model is said, in a word and in a sentence. */
export const outcomeWords: Record<Outcome, { word: string; about: string }> = {
  ok: { word: 'Answered', about: 'The whole answer came.' },
  refused: { word: 'Refused', about: 'No provider was asked.' },
  blocked: { word: 'Blocked', about: 'A guardrail held it, or its answer, back.' },
  failed: { word: 'Failed', about: 'No provider answered.' },
  cut: { word: 'Cut off', about: 'The answer broke off; the caller was told.' },
  cancelled: { word: 'Caller left', about: 'The caller went away before the end.' },
  lost: { word: 'Lost', about: 'Our own process ended in the midst of it; what it cost is an estimate.' },
}

const failures: Readonly<Record<string, string>> = {
  invalid: 'The request is not valid',
  unauthenticated: 'The provider does not know our key',
  cut: 'The answer broke off',
  billing: 'The provider wants to be paid first',
  forbidden: 'It is not allowed',
  not_found: 'There is no such model',
  conflict: 'The provider was at odds with itself',
  too_large: 'The request is too large',
  rate_limited: 'The provider allows no more for now',
  context_length: 'The request is longer than the model can read',
  content_policy: 'The provider declines the content',
  internal: 'The provider failed',
  broken: 'No proper answer came',
  overloaded: 'The provider is overloaded',
  timeout: 'The provider took too long',
  outrun: 'Another began sooner',
}

export const healthWords: Record<
  HealthState,
  { word: string; about: string; tone: 'completed' | 'failed' | 'waiting' | 'retrying' }
> = {
  closed: { word: 'Well', about: 'It answers.', tone: 'completed' },
  open: {
    word: 'Left alone',
    about: 'It failed too often of late, and is asked only where nobody else is left.',
    tone: 'failed',
  },
  half_open: { word: 'Being tried', about: 'One request at a time tries whether it is well again.', tone: 'retrying' },
  resting: {
    word: 'Resting',
    about: 'The provider refused the key, or asked to wait; its other keys go on.',
    tone: 'waiting',
  },
}

/** Why an attempt failed, in a few words; a class without words of its own is said as it is. */
export const failureText = (failure: string): string => failures[failure] ?? failure.replaceAll('_', ' ')
