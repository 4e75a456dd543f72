import CircleCheck from '@lucide/svelte/icons/circle-check'
import CircleX from '@lucide/svelte/icons/circle-x'
import LogOut from '@lucide/svelte/icons/log-out'
import Scissors from '@lucide/svelte/icons/scissors'
import ShieldX from '@lucide/svelte/icons/shield-x'
import type { Component } from 'svelte'
import type { Outcome } from '#schemas/gateway/requests.ts'
import type { StateTone } from '../parts/states.ts'

export type OutcomeLook = { word: string; about: string; tone: StateTone; icon: Component }

/** How each outcome of a request to a model is said and drawn: never by colour alone. */
export const outcomeLooks: Record<Outcome, OutcomeLook> = {
  ok: { word: 'Answered', about: 'The whole answer came.', tone: 'completed', icon: CircleCheck },
  refused: { word: 'Refused', about: 'No provider was asked.', tone: 'retrying', icon: ShieldX },
  failed: { word: 'Failed', about: 'No provider answered.', tone: 'failed', icon: CircleX },
  cut: { word: 'Cut off', about: 'The answer broke off; the caller was told.', tone: 'failed', icon: Scissors },
  cancelled: { word: 'Caller left', about: 'The caller went away before the end.', tone: 'cancelled', icon: LogOut },
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
}

/** Why an attempt failed, in a few words; a class without words of its own is said as it is. */
export const failureText = (failure: string): string => failures[failure] ?? failure.replaceAll('_', ' ')
