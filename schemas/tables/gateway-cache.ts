import type { Generated } from 'kysely'
import type { CacheScope, CacheSettings } from '../gateway/cache.ts'

export type GatewayCacheTable = {
  tenant_id: string
  mode: CacheSettings['mode']
  /** In seconds. */
  ttl: number
  scope: CacheScope
  sampled: boolean
  most_bytes: string
  /** The route that makes embeddings. */
  embeddings: string | null
  similarity: number
  audit_share: number
  /** How often it was emptied: answers of before are found by nobody. */
  epoch: Generated<number>
  changed_at: Generated<Date>
}

export type GatewayCacheEntryTable = {
  tenant_id: string
  /** The hash of all that an answer hangs on. */
  key: string
  /** The hash of the same without the last question; null where only the very same request may have it. */
  context: string | null
  sealed: Buffer
  /** The embedding of the last question, sealed. */
  vector: Buffer | null
  /** How alike another question has to be to get this answer: rises where it was found to be wrong. */
  threshold: Generated<number>
  bytes: number
  kept_at: Date
  expires_at: Date
}

export type GatewayCacheHourTable = {
  tenant_id: string
  at: Date
  exact: Generated<number>
  semantic: Generated<number>
  missed: Generated<number>
  saved_nano: Generated<string>
  audited: Generated<number>
  wrong: Generated<number>
}

export type GatewayCacheTables = {
  gateway_cache: GatewayCacheTable
  gateway_cache_entry: GatewayCacheEntryTable
  gateway_cache_hour: GatewayCacheHourTable
}
