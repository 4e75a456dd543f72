import { readPresence } from '#activities/automation/store-presence.ts'
import { withSystem, withTenant } from '#activities/database.ts'
import { readHealth } from '#activities/gateway/store-health.ts'
import { readModelBatches } from '#activities/gateway/store-model-batches-seen.ts'
import { readModelRequests } from '#activities/gateway/store-requests.ts'
import { readBatch, readBatches } from '#activities/runs/store-batches-seen.ts'
import {
  announceWatch,
  readApprovals,
  readAutomation,
  readAutomations,
  readCursor,
  readOverviewTopic,
  readReceipts,
  readRun,
  readRuns,
  type ReadTopic,
} from '#activities/live/store.ts'
import type { Topic } from '#schemas/live.ts'
import type { Context } from '#schemas/tenancy.ts'
import type { ApiDeps } from '../deps.ts'
import type { Ear } from '#activities/live/ear.ts'
import type { SystemView } from '../system/view.ts'
import { Channel, type Portion, type Viewer } from './channel.ts'

/** How often the projector is told again which runs are looked at, in ms. */
const watchEvery = 5_000

const readers: Record<
  'runs' | 'batches' | 'approvals' | 'automations' | 'receipts' | 'requests' | 'model_batches' | 'health' | 'overview',
  ReadTopic
> = {
  runs: readRuns,
  batches: readBatches,
  approvals: readApprovals,
  automations: readAutomations,
  receipts: readReceipts,
  requests: readModelRequests,
  model_batches: readModelBatches,
  health: readHealth,
  overview: readOverviewTopic,
}

const readersOfOne: Record<'run' | 'batch' | 'presence' | 'automation', (id: string) => ReadTopic> = {
  run: readRun,
  batch: readBatch,
  presence: readPresence,
  automation: readAutomation,
}

/** Topics that follow from a change announced for another one. */
const alsoPokes: Record<string, readonly string[]> = { runs: ['overview'], receipts: ['overview'] }

export type Subscription = { start(since: string | null): Promise<Portion>; end(): void }

/** All channels of this process, fed by its ear at the database. */
export class LiveHub {
  readonly #deps: Pick<ApiDeps, 'db' | 'log'>
  readonly #system: SystemView
  readonly #channels = new Map<string, Channel>()
  readonly #accessListeners = new Map<() => void, string>()
  readonly #ear: Ear
  readonly #stop = new AbortController()
  #timer: NodeJS.Timeout | undefined

  constructor(deps: Pick<ApiDeps, 'db' | 'log'>, system: SystemView, ear: Ear) {
    this.#deps = deps
    this.#system = system
    this.#ear = ear
    ear.on({ heard: (tenant, topic) => this.#heard(tenant, topic), opened: () => this.#lookAtAll() })
    this.#system.onChange(() => {
      for (const channel of this.#channels.values()) if (channel.topic === 'system') channel.poke()
    })
  }

  /** Begins to hear with the first viewer. */
  #begin(): void {
    if (this.stopping.aborted) return
    this.#ear.open()
    this.#timer ??= setInterval(() => void this.#announceWatched(), watchEvery)
  }

  /** Fires when this process is to end: every line ends then, so that its viewers go to another. */
  get stopping(): AbortSignal {
    return this.#stop.signal
  }

  get viewers(): number {
    let count = 0
    for (const channel of this.#channels.values()) count += channel.viewers.size
    return count
  }

  subscribe(ctx: Context, topic: Topic, viewer: Viewer): Subscription {
    this.#begin()
    const key = `${ctx.tenant} ${topic}`
    let channel = this.#channels.get(key)
    if (channel === undefined) {
      channel = new Channel(
        topic,
        (since) => this.#read(ctx, topic, since),
        (error) => this.#deps.log.warn('a live topic could not be read', { topic, error: String(error) }),
      )
      this.#channels.set(key, channel)
    }
    const mine = channel
    mine.viewers.add(viewer)
    if (topic.startsWith('run:') && mine.viewers.size === 1) void this.#announceWatched(topic.slice(4))
    return {
      start: (since) => mine.start(since),
      end: () => {
        mine.viewers.delete(viewer)
        if (mine.viewers.size > 0) return
        mine.close()
        if (this.#channels.get(key) === mine) this.#channels.delete(key)
      },
    }
  }

  /** Calls `listener` whenever somebody at the tenant may do less than before; gives what ends that. */
  onAccess(tenant: string, listener: () => void): () => void {
    this.#accessListeners.set(listener, tenant)
    return () => void this.#accessListeners.delete(listener)
  }

  stop(): void {
    this.#stop.abort()
    clearInterval(this.#timer)
    for (const channel of this.#channels.values()) channel.close()
    this.#ear.close()
  }

  #read(ctx: Context, topic: Topic, since: string | null): Promise<Portion> {
    if (topic === 'system') return Promise.resolve({ cursor: '0', rows: this.#system.rows() })
    const read = this.#readerOf(topic)
    return withTenant(this.#deps.db, ctx, async (tx) => {
      // before the rows: what commits in between is read now and, harmlessly, again the next time
      const cursor = await readCursor(tx)
      return { cursor, rows: await read(tx, ctx, since) }
    })
  }

  #readerOf(topic: Topic): ReadTopic {
    const [of = '', id] = topic.split(':')
    if (id === undefined) return readers[of as keyof typeof readers]
    return readersOfOne[of as keyof typeof readersOfOne](id)
  }

  async #announceWatched(only?: string): Promise<void> {
    const all = [...this.#channels.values()].map((channel) => channel.topic).filter((topic) => topic.startsWith('run:'))
    const runs = only === undefined ? all.map((topic) => topic.slice(4)) : [only]
    if (runs.length > 0) await withSystem(this.#deps.db, (tx) => announceWatch(tx, runs)).catch(() => {})
  }

  /** What was announced while nobody listened is looked for once. */
  #lookAtAll(): void {
    for (const channel of this.#channels.values()) channel.poke()
    for (const listener of this.#accessListeners.keys()) listener()
  }

  #heard(tenant: string, topic: string): void {
    this.#channels.get(`${tenant} ${topic}`)?.poke()
    if (topic === 'access') for (const [listener, whose] of this.#accessListeners) if (whose === tenant) listener()
    for (const other of alsoPokes[topic] ?? []) this.#channels.get(`${tenant} ${other}`)?.poke()
  }
}
