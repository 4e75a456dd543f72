import type { Log } from '#activities/log.ts'
import { isAway } from '#schemas/errors.ts'
import type { Caller, Models } from '../store-known.ts'
import type { CacheStore, Kept } from '../store-cached.ts'
import type { Account } from './account.ts'
import type { Asked } from './asked.ts'
import type { CachedAnswer } from './cache-answer.ts'
import { Flight } from './cache-flight.ts'
import type { Keeping } from './cache-keeping.ts'
import type { CacheKey } from './cache-key.ts'
import { Lookup } from './cache-lookup.ts'
import type { CachePolicy } from './cache-policy.ts'
import { Recent } from './cache-recent.ts'
import { Similar, type Within } from './cache-similar.ts'
import type { Sink } from './sink.ts'
import { BatchLog } from './log.ts'
import type { UnderWay } from './index.ts'

/** The most bytes of answers that a process holds, of all tenants. */
const mostHeld = 64 * 1024 * 1024
/** The most answers that wait to be written down; what is more is not kept beyond the process. */
const mostWaiting = 128
/** How long a request waits for the database, and how long it is not asked after it did not answer, in ms. */
const patience = { ms: 1_000, away: 5_000 }

/** An answer that is kept, since when and until when, in ms since 1970. */
export type Held = { key: string; answer: CachedAnswer; at: number; until: number }
/** One that answers a request, and how alike the questions are where they are not the same. */
export type Found = Held & { similarity: number | null }

/** A request that may be answered from the cache. */
export type Question = {
  caller: Caller
  models: Models
  asked: Asked
  account: Account
  policy: CachePolicy
  key: CacheKey
  sink: Sink
}

/** Answers again what was asked before: held in the process, kept in the database, asked once however many ask at once. */
export class Cache {
  readonly #store: CacheStore
  readonly #log: Log
  readonly #recent = new Recent<Held>(mostHeld)
  readonly #flights = new Map<string, Flight>()
  readonly #writing: BatchLog<Kept>
  readonly similar: Similar
  #awayUntil = 0

  constructor(store: CacheStore, log: Log, within: Within) {
    this.#store = store
    this.#log = log
    const write = (rows: readonly Kept[]) =>
      store.keep(rows).catch((error: unknown) => log.warn('answers could not be kept in the cache', { error }))
    // an answer that finds no room is asked again, and nothing is lost
    const nowhere = { keeps: () => true, isBehind: false, readBack: () => Promise.resolve() }
    this.#writing = new BatchLog(write, log, { elsewhere: nowhere, most: mostWaiting })
    this.similar = new Similar(store, log, within)
  }

  /** Answers into `sink` what is kept, or has `doing` ask for it; of several that ask for the same, one. */
  begin(question: Question, doing: Doing): UnderWay {
    const { policy, key } = question
    if (!policy.refreshes) {
      const held = this.held(question)
      const done = held === null ? null : doing.found({ ...held, similarity: null })
      if (done !== null) return done
    }
    return new Lookup(this, question, doing).begin(policy.refreshes ? undefined : this.#flights.get(key.key))
  }

  newFlight(key: string): Flight {
    const flight = new Flight(() => {
      if (this.#flights.get(key) === flight) this.#flights.delete(key)
    })
    this.#flights.set(key, flight)
    return flight
  }

  /** What the process holds. */
  held({ key: { key }, policy }: Question): Held | null {
    const held = this.#recent.get(key)
    if (held === undefined || !isGood(held, policy)) return null
    return held
  }

  /** What the database keeps. */
  async kept({ caller, key: { key }, policy }: Question): Promise<Found | null> {
    const found = await this.soon(() => this.#store.find(caller.tenant, key))
    if (found === null || !isGood(found, policy)) return null
    this.#recent.set(key, found, sizeOf(found.answer))
    return { ...found, similarity: null }
  }

  /** What the database is asked; nothing where it does not tell soon, or did not lately. */
  async soon<T>(ask: () => Promise<T | null>): Promise<T | null> {
    if (this.isAway) return null
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<'late'>((resolve) => (timer = setTimeout(resolve, patience.ms, 'late')))
    const found = await Promise.race([ask(), late])
      .catch((error: unknown) => {
        this.#log.warn('the cache could not be looked into', { error })
        return isAway(error) ? ('late' as const) : null
      })
      .finally(() => clearTimeout(timer))
    if (found !== 'late') return found
    this.#awayUntil = Date.now() + patience.away
    return null
  }

  get isAway(): boolean {
    return Date.now() < this.#awayUntil
  }

  keep({ caller, policy, key }: Question, answer: CachedAnswer, vector: Float32Array | null): Found {
    const at = Date.now()
    const held = { key: key.key, answer, at, until: at + policy.ttlMs }
    const bytes = sizeOf(answer)
    this.#recent.set(key.key, held, bytes)
    const context = key.similar !== null && vector !== null ? key.similar.context : null
    this.#writing.push({
      ...held,
      tenant: caller.tenant,
      context,
      vector,
      mostBytes: policy.known.mostBytes,
    })
    return { ...held, similarity: null }
  }

  /** Writes down what waits. */
  flush(): Promise<void> {
    return this.#writing.flush()
  }
}

/** How a request is answered from the cache, or asked. */
export type Doing = {
  /** Null where that answer cannot be said as it is wanted. */
  found(found: Found): UnderWay | null
  /** Asks, and passes the answer on through what keeps it. */
  ask(keeping: Keeping): UnderWay
  /** The caller has gone before either. */
  left(): void
}

export const isGood = ({ at, until }: Held, { mostAgeMs }: CachePolicy): boolean => {
  const now = Date.now()
  return now < until && now - at < mostAgeMs
}

const sizeOf = ({ body }: CachedAnswer): number => Buffer.byteLength(body) + 500
