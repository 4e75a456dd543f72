import type { LiveRow, Topic } from '#schemas/live.ts'
import { usualBackoff, waitFor, type Backoff } from './backoff.ts'
import { deadAfterMs, secondsBehind, type Connection, type ConnectionState } from './connection.ts'
import type { PageSignals } from './page-signals.ts'
import { readEvents, type ServerEvent } from './sse.ts'
import { TopicRows, type Compare } from './topic-rows.ts'

export type FeedOptions = {
  /** Where `/v1/live` is: `''` for this site. */
  origin: string
  signals: PageSignals
  backoff?: Backoff
  now?: () => number
  random?: () => number
  /** A hidden page lets go of its line after this long, and resumes by cursor when it is looked at again. */
  letGoAfterMs?: number
  /** Called when the server no longer knows who is asking (401). */
  onUnauthenticated?: () => void
}

export type Subscription = { rows: () => readonly LiveRow[]; ready: () => boolean; close: () => void }

type Line = { abort: AbortController; topics: ReadonlySet<Topic> }
type Watched = { rows: TopicRows; listeners: Set<() => void> }

/** How long changes of the set of topics are gathered: a navigation closes one page's and opens the next one's. */
const gatherMs = 20

/**
 * One line to the server for everything that is watched, however many parts of the screen watch it. Fetch and not
 * `EventSource`, because that shows no status code, sends no cursor of ours and retries blindly.
 */
export class Feed {
  readonly #options: Required<Omit<FeedOptions, 'onUnauthenticated'>> & Pick<FeedOptions, 'onUnauthenticated'>
  readonly #watched = new Map<Topic, Watched>()
  readonly #connectionListeners = new Set<() => void>()
  readonly #stopSignals: () => void
  #state: ConnectionState = 'idle'
  #since: number
  #lastHeardAt: number | undefined
  #cursor: string | undefined
  #line: Line | undefined
  #failures = 0
  #retry: ReturnType<typeof setTimeout> | undefined
  #gather: ReturnType<typeof setTimeout> | undefined
  #letGo: ReturnType<typeof setTimeout> | undefined
  readonly #pulse: ReturnType<typeof setInterval>

  constructor(options: FeedOptions) {
    this.#options = { backoff: usualBackoff, now: Date.now, random: Math.random, letGoAfterMs: 60_000, ...options }
    this.#since = this.#options.now()
    this.#stopSignals = options.signals.onChange(() => this.#onSignal())
    this.#pulse = setInterval(() => this.beat(), 1000)
  }

  get connection(): Connection {
    const behindSeconds = secondsBehind(this.#state, this.#lastHeardAt, this.#options.now())
    return { state: this.#state, behindSeconds, since: this.#since }
  }

  onConnection(listener: () => void): () => void {
    this.#connectionListeners.add(listener)
    return () => this.#connectionListeners.delete(listener)
  }

  /**
   * Watches a topic until `close`. The first watcher's order holds for all watchers of the topic.
   *
   * @param onChange called after every change of the rows; read them with `rows()`
   */
  subscribe(topic: Topic, { onChange, compare }: { onChange: () => void; compare: Compare }): Subscription {
    const watched = this.#watched.get(topic) ?? { rows: new TopicRows(compare), listeners: new Set() }
    const listener = () => onChange()
    watched.listeners.add(listener)
    this.#watched.set(topic, watched)
    this.#topicsChanged()
    return {
      rows: () => watched.rows.list(),
      ready: () => watched.rows.ready,
      close: () => {
        if (!watched.listeners.delete(listener) || watched.listeners.size > 0) return
        if (this.#watched.get(topic) === watched) this.#watched.delete(topic)
        this.#topicsChanged()
      },
    }
  }

  /** Once a second: says how far behind the screen is, and gives up on a line that has gone silent. */
  beat(): void {
    const silentMs = this.#options.now() - (this.#lastHeardAt ?? this.#since)
    if (this.#line && this.#state === 'live' && silentMs > deadAfterMs) this.#line.abort.abort(new Error('silent line'))
    if (this.#state === 'live' || this.#state === 'reconnecting' || this.#state === 'offline') this.#tellConnection()
  }

  close(): void {
    clearInterval(this.#pulse)
    this.#stopSignals()
    this.#watched.clear()
    this.#hangUp()
    this.#enter('idle')
  }

  #topicsChanged(): void {
    clearTimeout(this.#gather)
    this.#gather = setTimeout(() => this.#followTopics(), gatherMs)
  }

  #followTopics(): void {
    const wanted = new Set(this.#watched.keys())
    const has = this.#line?.topics
    if (has && wanted.size === has.size && [...wanted].every((topic) => has.has(topic))) return
    this.#hangUp()
    if (wanted.size === 0) {
      this.#enter('idle')
      return
    }
    // The cursor speaks of topics that were on the line; one that was not needs a snapshot, so all start over.
    if ([...wanted].some((topic) => !this.#watched.get(topic)?.rows.ready)) this.#cursor = undefined
    this.#connect()
  }

  #connect(): void {
    clearTimeout(this.#retry)
    this.#retry = undefined
    if (!this.#options.signals.online()) {
      this.#enter('offline')
      return
    }
    const line: Line = { abort: new AbortController(), topics: new Set(this.#watched.keys()) }
    this.#line = line
    if (this.#state !== 'live') this.#enter(this.#lastHeardAt === undefined ? 'connecting' : 'reconnecting')
    void this.#hold(line)
  }

  async #hold(line: Line): Promise<void> {
    const retry = await this.#listen(line)
    if (this.#line !== line) return
    this.#line = undefined
    if (retry) this.#tryLater()
    else this.#enter('idle')
  }

  /** Reads one line to its end, whatever the end is. Says whether to try again. */
  async #listen({ abort, topics }: Line): Promise<boolean> {
    const query = new URLSearchParams([...topics].map((topic) => ['topic', topic]))
    const headers = new Headers({ accept: 'text/event-stream' })
    if (this.#cursor !== undefined) headers.set('last-event-id', this.#cursor)
    try {
      const response = await fetch(`${this.#options.origin}/v1/live?${query}`, {
        headers,
        signal: abort.signal,
        cache: 'no-store',
      })
      if (response.status === 401) {
        this.#options.onUnauthenticated?.()
        return false
      }
      if (!response.ok || response.body === null) return true
      this.#failures = 0
      this.#heard()
      this.#enter('live')
      for await (const event of readEvents(response.body, () => this.#heard())) {
        if (abort.signal.aborted) return true
        this.#take(event)
      }
    } catch {
      // Refused, reset, aborted, cut in the middle: all the same here, the cursor says where to go on.
    }
    return true
  }

  #take({ event, data, id }: ServerEvent): void {
    if (event !== 'snapshot' && event !== 'delta') return
    const message = JSON.parse(data) as { topic: Topic; rows: LiveRow[] }
    if (id !== undefined) this.#cursor = id
    const watched = this.#watched.get(message.topic)
    if (watched === undefined) return
    if (event === 'snapshot') watched.rows.replace(message.rows)
    else watched.rows.upsert(message.rows)
    for (const listener of watched.listeners) listener()
  }

  #heard(): void {
    const wasBehind = this.connection.behindSeconds > 0
    this.#lastHeardAt = this.#options.now()
    if (wasBehind) this.#tellConnection()
  }

  #tryLater(): void {
    this.#enter(this.#options.signals.online() ? 'reconnecting' : 'offline')
    const wait = waitFor(this.#failures++, this.#options.backoff, this.#options.random)
    this.#retry = setTimeout(() => this.#connect(), wait)
  }

  #onSignal(): void {
    const { signals, letGoAfterMs } = this.#options
    clearTimeout(this.#letGo)
    if (signals.hidden()) {
      this.#letGo = setTimeout(() => this.#hangUp(), letGoAfterMs)
      return
    }
    if (!signals.online()) {
      this.#hangUp()
      if (this.#watched.size > 0) this.#enter('offline')
      return
    }
    // Somebody looks, or the network is back: no reason to sit out the wait.
    this.#failures = 0
    if (this.#line === undefined && this.#watched.size > 0) this.#connect()
  }

  #hangUp(): void {
    clearTimeout(this.#retry)
    clearTimeout(this.#gather)
    clearTimeout(this.#letGo)
    this.#retry = undefined
    const line = this.#line
    this.#line = undefined
    line?.abort.abort()
  }

  #enter(state: ConnectionState): void {
    if (state === this.#state) return
    this.#state = state
    this.#since = this.#options.now()
    this.#tellConnection()
  }

  #tellConnection(): void {
    for (const listener of this.#connectionListeners) listener()
  }
}
