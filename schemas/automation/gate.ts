import type { Definition, Settings } from './definition.ts'
import { Failure } from './failure.ts'
import type { JsonObject } from './json.ts'
import { asText, resolve } from './value.ts'

/** What the runs of an automation that share a key have to pass: so many at once, and what happens to the others. */
export type Gate = { key: string; policy: NonNullable<Settings['concurrency']>['policy']; limit: number }

/** The gate of a run with this input; null where its automation has none. Keys that cannot be worked out are one key. */
export function gateOf({ settings }: Definition, input: JsonObject): Gate | null {
  const concurrency = settings?.concurrency
  if (concurrency === undefined) return null
  const { key, policy, limit = 1 } = concurrency
  return { key: keyOf(key, input), policy, limit: policy === 'limit' ? Math.max(limit, 1) : 1 }
}

const keyOf = (key: NonNullable<Settings['concurrency']>['key'], input: JsonObject): string => {
  if (key === undefined) return ''
  try {
    return asText(resolve(key, { input }))
  } catch (error) {
    if (error instanceof Failure) return ''
    throw error
  }
}
