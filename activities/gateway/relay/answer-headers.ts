import type { Guarded } from '#schemas/gateway/guardrails/index.ts'
import type { Trimmed } from '#schemas/gateway/requests.ts'
import type { Attempt } from './accounted.ts'
import { cacheHeaders, type Cached } from './cached.ts'

type Told = {
  limits: Readonly<Record<string, string>>
  cache: Cached | null
  trimmed: Trimmed | null
  guarded: readonly Guarded[] | null
}

/** How an answer tells who gave it, by which rule, and what was done with it on its way. */
export const answerHeaders = (
  by: Attempt | undefined,
  rule: string | undefined,
  { limits, cache, trimmed, guarded }: Told,
): Record<string, string> => ({
  ...limits,
  ...(cache === null ? {} : cacheHeaders(cache)),
  ...(by === undefined ? {} : { 'x-auterity-provider': by.provider, 'x-auterity-model': by.model }),
  ...(rule === undefined ? {} : { 'x-auterity-rule': rule }),
  ...(trimmed === null ? {} : { 'x-auterity-trimmed': `${trimmed.tokens} tokens` }),
  ...(guarded === null ? {} : { 'x-auterity-guardrails': guarded.map(({ name, did }) => `${name}=${did}`).join(' ') }),
})
