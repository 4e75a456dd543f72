import type { CacheSettings } from '#schemas/gateway/cache.ts'
import { longest } from '#schemas/gateway/caching.ts'
import type { Caller, Models } from '../store-known.ts'
import type { Asked } from './asked.ts'
import type { Way } from './steer.ts'

/** What a tenant says of its cache, and how often that was emptied. */
export type KnownCache = CacheSettings & { epoch: number }

/** How the cache treats one request. Times in ms. */
export type CachePolicy = {
  isSemantic: boolean
  ttlMs: number
  similarity: number
  known: KnownCache
  /** How old an answer may be for who asks. */
  mostAgeMs: number
  /** Whether what is kept is passed by: who asks wants a fresh answer, which is kept. */
  refreshes: boolean
}

/**
 * Whether and how: a rule says it before the route, the route before the tenant, and who asks may refuse it. Null where it is
 * off, which is all that a request costs that has nothing to do with it.
 */
export function policyOf(way: Way, { cache }: Models, caller: Caller, asked: Asked): CachePolicy | null {
  const rule = way.caching
  const route = way.route?.routing.cache ?? null
  const mode = (rule ?? route ?? cache).mode
  // a step keeps its own answer until it is sure to have it, and who runs it again wants another one
  if (mode === 'off' || caller.run !== null) return null
  const wish = wishOf(asked)
  if (wish === 'no-store') return null
  const ttlMs = Math.min(rule?.ttlMs ?? (route?.ttl ?? cache.ttl) * 1000, longest * 1000)
  return {
    isSemantic: mode === 'semantic' && cache.embeddings !== null,
    ttlMs,
    similarity: rule?.similarity ?? route?.similarity ?? cache.similarity,
    known: cache,
    mostAgeMs: typeof wish === 'number' ? Math.min(ttlMs, wish * 1000) : ttlMs,
    refreshes: wish === 'no-cache',
  }
}

/** What `cache-control` asks for (RFC 9111, 5.2.1), as far as it is about us; a number is the greatest age in seconds. */
const wishOf = ({ told }: Asked): 'no-store' | 'no-cache' | number | null => {
  const said = told?.['cache-control']
  if (said === undefined) return null
  const words = String(said)
    .toLowerCase()
    .split(',')
    .map((word) => word.trim())
  if (words.includes('no-store')) return 'no-store'
  if (words.includes('no-cache')) return 'no-cache'
  const age = words.map((word) => /^max-age=(\d{1,9})$/.exec(word)?.[1]).find((seconds) => seconds !== undefined)
  return age === undefined ? null : Number(age)
}
