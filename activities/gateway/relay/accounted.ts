import type { Guarded } from '#schemas/gateway/guardrails/index.ts'
import type { KindName } from '#schemas/gateway/kinds/index.ts'
import type { Operation } from '#schemas/gateway/kinds/kind.ts'
import type { Outcome, Steps, Trimmed } from '#schemas/gateway/requests.ts'
import type { Verdict } from '#schemas/steering/facts.ts'
import type { Charge } from '../store-leases.ts'
import type { Cached } from './cached.ts'
import type { Price, Priced } from './price.ts'
import type { Savings } from './savings.ts'
import type { Steered } from './steer.ts'
import type { Tokens } from './usage.ts'

/** One asking of a provider: when it began and how long it took, and when the answer began, in ms. */
export type Attempt = {
  provider: string
  model: string
  failure?: string
  at: number
  ms: number
  firstByteMs?: number
  /** How long it waited for a connection; absent where one was free. */
  connectMs?: number
  /** Its prompt was marked for the provider's cache, by us. */
  marked?: true
}
/** Tokens that a provider bills though another answered. */
export type Lost = Priced & { tokens: Tokens }

/** All that is known of a request when it is over. Times in ms. */
export type Accounted = {
  id: string
  tenant: string
  at: number
  key: string | null
  operation: Operation
  asked: string
  alias: string | null
  provider: string | null
  kind: KindName | null
  model: string | null
  stream: boolean
  outcome: Outcome
  status: number
  failure: string | null
  error: string | null
  tokens: Tokens | null
  /** Whether the tokens were not told, and are about so many. */
  estimated: boolean
  price: Price | null
  /** Who is usually asked by the name that was asked for, where a rule chose another. */
  usual: Priced | null
  /** What was left out of what was asked, and whether who answered was sent marks of ours; absent in rows of versions before. */
  trimmed?: Trimmed | null
  marked?: boolean
  /** What was saved of it; null where nothing was at work. */
  saved: Savings | null
  /** Null where it was not looked up. */
  cache: Cached | null
  /** What it came to of each limit that it was reserved of. */
  charges: readonly Charge[]
  /** The budget or limit that refused it. */
  budget: string | null
  firstByteMs: number | null
  totalMs: number
  overheadMs: number
  attempts: Attempt[]
  /** What else took time; absent in rows of versions before. */
  steps?: Steps | null
  lost: readonly Lost[]
  tags: Readonly<Record<string, string>>
  run: string | null
  /** The batch that it was asked in. */
  batch?: string | undefined
  /** The person who asked it without a key, and the request that it repeats. */
  person?: string | undefined
  replayOf?: string | undefined
  /** Which rules held, and which of them decided. */
  steered: Pick<Steered, 'by' | 'held' | 'own'> | null
  /** What guardrails have seen of it; null where none looked. */
  guarded: readonly Guarded[] | null
  /** What the classifier in force said of it, where a rule asked; absent where none did. */
  verdict?: Verdict | undefined
  /** The request whose answer it was to mend. */
  mends: string | null
  /** For so many days its bodies are to be kept; absent where they are not. */
  recorded?: number
}
