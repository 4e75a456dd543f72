import type { Caller } from '#activities/gateway/store-known.ts'
import type { Accounted } from '#activities/gateway/relay/accounted.ts'

/** Upper ends of the buckets, in ms. */
export const bounds = {
  total: [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 120_000, 300_000],
  overhead: [0.1, 0.25, 0.5, 1, 2, 5, 10, 25, 50, 100, 250, 1_000],
  perToken: [1, 2.5, 5, 10, 20, 35, 50, 75, 100, 250, 1_000],
} as const
export const retryBounds = [0, 1, 2, 3, 5, 10]

/** How many fell into each bucket, the last being for what is above all of them. */
export class Spread {
  readonly bounds: readonly number[]
  readonly counts: number[]
  sum = 0
  count = 0

  constructor(upper: readonly number[]) {
    this.bounds = upper
    this.counts = Array.from({ length: upper.length + 1 }, () => 0)
  }

  add(value: number): void {
    let at = 0
    while (at < this.bounds.length && value > (this.bounds[at] as number)) at++
    this.counts[at] = (this.counts[at] as number) + 1
    this.sum += value
    this.count++
  }
}

/** What sets a series apart: words that a tenant has set up, never what a caller says. */
export type SeriesLabels = {
  tenant: string
  key: string
  keyName: string
  /** The alias that was asked for, or the model where it was called by its provider. */
  asked: string
  provider: string
  kind: string
  model: string
  operation: string
  rule: string
}

/** What requests of one kind came to. Times in ms, money in billionths of a US dollar. */
export class Series {
  readonly labels: SeriesLabels
  requests = 0
  failed = 0
  /** By status and class of failure, such as `429 rate_limited`. */
  readonly failures = new Map<string, number>()
  nano = 0
  input = 0
  output = 0
  cached = 0
  /** What the response cache did for them. */
  readonly cache = { exact: 0, semantic: 0, miss: 0 }
  /** What those it answered would have cost. */
  saved = 0
  /** Requests of which another was asked than the first, and somebody answered, or nobody. */
  readonly fallbacks = { ok: 0, failed: 0 }
  readonly total = new Spread(bounds.total)
  readonly upstream = new Spread(bounds.total)
  readonly overhead = new Spread(bounds.overhead)
  readonly firstToken = new Spread(bounds.total)
  readonly perToken = new Spread(bounds.perToken)
  readonly retries = new Spread(retryBounds)

  constructor(labels: SeriesLabels) {
    this.labels = labels
  }

  add(row: Accounted): void {
    this.requests++
    const { attempts, tokens, firstByteMs, totalMs, overheadMs } = row
    if (row.outcome !== 'ok' && row.outcome !== 'cancelled') {
      this.failed++
      const why = `${row.status} ${row.failure ?? row.outcome}`
      this.failures.set(why, (this.failures.get(why) ?? 0) + 1)
    }
    this.nano += row.price?.nano ?? 0
    this.total.add(totalMs)
    this.overhead.add(overheadMs)
    if (row.cache !== null) this.cache[row.cache.how]++
    this.saved += row.saved?.cache ?? 0
    // the tokens of an answer that is given again were counted when it was made
    if (row.cache?.how === 'exact' || row.cache?.how === 'semantic') return
    this.input += tokens?.input ?? 0
    this.output += tokens?.output ?? 0
    this.cached += tokens?.cached ?? 0
    if (attempts.length === 0) return
    if (isFallback(row)) this.fallbacks[row.outcome === 'ok' ? 'ok' : 'failed']++
    this.retries.add(attempts.length - 1)
    this.upstream.add(totalMs - overheadMs)
    if (!row.stream || firstByteMs === null) return
    this.firstToken.add(firstByteMs)
    const said = tokens?.output ?? 0
    if (said > 1) this.perToken.add((totalMs - firstByteMs) / (said - 1))
  }
}

const isFallback = ({ attempts: [first, ...more] }: Accounted): boolean =>
  more.some(({ provider, model }) => provider !== first?.provider || model !== first.model)

/** The most series: what is more is counted together, as `other`. */
const most = 500
const other: SeriesLabels = {
  tenant: 'other',
  key: 'other',
  keyName: 'other',
  asked: 'other',
  provider: 'other',
  kind: 'other',
  model: 'other',
  operation: 'other',
  rule: 'other',
}

/** What requests came to in this process, by who asked, what, and who answered. */
export class AllSeries {
  readonly #series = new Map<string, Series>()

  add(row: Accounted, { name }: Pick<Caller, 'name'>): void {
    // what nobody answers to is a caller's own word: one series for all of them
    const asked = row.alias ?? (row.provider === null ? '' : row.asked)
    const rule = row.steered?.by?.label ?? ''
    const where = `${row.tenant} ${row.key} ${asked} ${row.provider} ${row.model} ${row.operation} ${rule}`
    let one = this.#series.get(where)
    if (one === undefined) {
      const isFull = this.#series.size >= most
      const known = isFull ? this.#series.get('other') : undefined
      const labels = {
        tenant: row.tenant,
        key: row.key ?? '',
        keyName: name ?? '',
        asked,
        provider: row.provider ?? '',
        kind: row.kind ?? '',
        model: row.model ?? '',
        operation: row.operation,
        rule,
      }
      one = known ?? new Series(isFull ? other : labels)
      this.#series.set(isFull ? 'other' : where, one)
    }
    one.add(row)
  }

  values(): Iterable<Series> {
    return this.#series.values()
  }
}
