import type { ColumnType, Generated } from 'kysely'
import type { Saved } from '../gateway/costs.ts'
import type { Guarded } from '../gateway/guardrails/index.ts'
import type { HealthState } from '../gateway/health.ts'
import type { KindName } from '../gateway/kinds/index.ts'
import type { ModelRequest, Outcome, Steps, Trimmed } from '../gateway/requests.ts'
import type { Target } from '../gateway/routes.ts'
import type { Routing } from '../gateway/routing.ts'
import type { Guarding } from '../steering/actions.ts'

export type GatewayProviderTable = {
  id: string
  tenant_id: string
  name: string
  kind: KindName
  /** Null where it is the usual one of its kind. */
  base_url: string | null
  enabled: Generated<boolean>
  created_at: Generated<Date>
}

export type GatewayProviderKeyTable = {
  id: string
  tenant_id: string
  provider_id: string
  label: string
  hint: string
  sealed: Buffer
  created_at: Generated<Date>
}

export type GatewayRouteTable = {
  id: string
  tenant_id: string
  alias: string
  targets: ColumnType<Target[], string, string>
  /** What is not said is as usual. */
  routing: ColumnType<Partial<Routing>, string | undefined, string>
  /** Those that it calls for, by name, and how each acts. */
  guardrails: ColumnType<Record<string, Guarding>, string | undefined, string>
  created_at: Generated<Date>
  changed_at: Generated<Date>
}

export type GatewayKeyTable = {
  id: string
  tenant_id: string
  name: string
  /** The names it may ask for; null for all. */
  models: string[] | null
  tags: ColumnType<Record<string, string>, string, string>
  created_by: string | null
  created_at: Generated<Date>
  last_used_at: Date | null
  expires_at: Date | null
  revoked_at: Date | null
}

export type GatewayKeySecretTable = {
  hash: Buffer
  tenant_id: string
  key_id: string
  hint: string
  created_at: Generated<Date>
  /** When a newer one has taken its place. */
  ends_at: Date | null
}

/** What requests of an hour came to that have all of this in common. */
export type GatewayCostTable = {
  tenant_id: string
  at: Date
  /** The hash of what they have in common. */
  slice: string
  key_id: string | null
  operation: string
  asked: string
  provider: string | null
  model: string | null
  /** The policy and its rule that decided. */
  rule: string | null
  tags: ColumnType<Record<string, string>, string, string>
  requests: number
  unpriced: number
  cost_nano: ColumnType<string, number, number>
  cache_nano: ColumnType<string, number, number>
  prompt_cache_nano: ColumnType<string, number, number>
  routing_nano: ColumnType<string, number, number>
  marks_nano: ColumnType<string, number, number>
  trimming_nano: ColumnType<string, number, number>
  input_tokens: ColumnType<string, number, number>
  cached_tokens: ColumnType<string, number, number>
  output_tokens: ColumnType<string, number, number>
}

export type GatewayRequestTable = {
  id: string
  tenant_id: string
  at: Date
  key_id: string | null
  operation: string
  /** The model that the caller named. */
  asked: string
  alias: string | null
  provider: string | null
  /** The model that answered. */
  model: string | null
  stream: boolean
  outcome: Outcome
  status: number
  failure: string | null
  error: string | null
  input_tokens: number | null
  cached_tokens: number | null
  cache_write_tokens: number | null
  output_tokens: number | null
  reasoning_tokens: number | null
  /** What has a price of its own beside text. */
  apart: ColumnType<NonNullable<ModelRequest['apart']> | null, string | null, string | null>
  /** Whether the tokens are about so many, counted here. */
  estimated: Generated<boolean>
  /** In billionths of a US dollar. */
  cost_nano: string | null
  /** What it would have cost with the model that was asked for, without a cache. */
  list_nano: string | null
  /** What was left out of what was asked; null where nothing was. */
  trimmed: ColumnType<Trimmed | null, string | null, string | null>
  /** What was saved, by lever, in billionths of a US dollar; null where nothing was at work. */
  saved: ColumnType<Partial<Record<keyof Saved, number>> | null, string | null, string | null>
  /** The version of the price book. */
  price: string | null
  first_byte_ms: number | null
  total_ms: number
  /** What of it was not spent waiting for a provider. */
  overhead_ms: number
  attempts: ColumnType<ModelRequest['attempts'], string, string>
  /** What took time besides asking; null where nothing of it was measured. */
  steps: ColumnType<Steps | null, string | null, string | null>
  tags: ColumnType<Record<string, string>, string, string>
  run_id: string | null
  batch_id: string | null
  /** The person who asked it without a key. */
  person_id: string | null
  /** The request that it repeats. */
  replay_of: string | null
  /** The budget that refused it. */
  budget_id: string | null
  /** The policy whose rule decided, as the version of this number has it. */
  policy_id: string | null
  policy_number: number | null
  rule: string | null
  /** The rules that held, with their policies. */
  rules: string[] | null
  /** Its tags before rules added theirs; null where they added none. */
  own_tags: ColumnType<Record<string, string> | null, string | null, string | null>
  /** What the response cache did for it; null where it was not looked into. */
  cache: 'exact' | 'semantic' | 'miss' | null
  /** The request whose answer it was. */
  cache_of: string | null
  cache_age_ms: string | null
  cache_similarity: number | null
  guarded: ColumnType<Guarded[] | null, string | null, string | null>
  /** The request whose answer it was to mend. */
  mends: string | null
  /** For so many days its bodies were to be kept; null where they were not. */
  recorded_days: number | null
  /** What the classifier said of it, where a rule asked. */
  easy: number | null
  suffices: boolean | null
  changed: Generated<string>
}

export type GatewayHealthTable = {
  id: string
  tenant_id: string
  provider: string
  model: string
  /** Null where it is about the model, whatever the key. */
  key_id: string | null
  state: HealthState
  why: string | null
  at: Date
  until: Date | null
}

export type GatewayAnswerTable = {
  tenant_id: string
  run_id: string
  step: string
  /** The hash of what was asked. */
  asked: string
  sealed: Buffer
  at: Generated<Date>
}

export type GatewayTables = {
  gateway_provider: GatewayProviderTable
  gateway_provider_key: GatewayProviderKeyTable
  gateway_route: GatewayRouteTable
  gateway_key: GatewayKeyTable
  gateway_key_secret: GatewayKeySecretTable
  gateway_request: GatewayRequestTable
  gateway_answer: GatewayAnswerTable
  gateway_cost: GatewayCostTable
  gateway_health: GatewayHealthTable
}
