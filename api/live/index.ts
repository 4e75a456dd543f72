import type { Context as HonoContext } from 'hono'
import { streamSSE } from 'hono/streaming'
import { findRun } from '#activities/runs/store.ts'
import { withTenant } from '#activities/database.ts'
import type { Scope } from '#schemas/access.ts'
import { Fault } from '#schemas/errors.ts'
import { tickEveryMs, topic as topicShape, type LiveMessage, type Topic } from '#schemas/live.ts'
import type { Context } from '#schemas/tenancy.ts'
import type { ApiDeps, ApiEnv } from '../deps.ts'
import type { LiveHub } from './hub.ts'

/** Messages a slow reader may be behind before it is given snapshots again in place of the deltas. */
const patience = 200
const mostTopics = 20

const scopeOf = (topic: Topic): Scope => {
  if (topic === 'approvals') return 'approvals:read'
  if (topic === 'receipts') return 'ingress:read'
  return topic === 'system' ? 'system:read' : 'runs:read'
}

/**
 * `GET /v1/live?topic=…&topic=…`: Server-Sent Events. Each topic begins with a `snapshot`, or after a reconnect
 * with `Last-Event-ID` with what changed meanwhile, and goes on with `delta`s; a `tick` every two seconds proves that
 * the line is open. `stillAllowed` is asked again and again while the line is open; when it says no, the line ends.
 */
export const live =
  ({ db, log }: ApiDeps, hub: LiveHub, stillAllowed: (c: HonoContext<ApiEnv>) => Promise<boolean>) =>
  async (c: HonoContext<ApiEnv>): Promise<Response> => {
    const ctx = c.get('ctx')
    if (ctx === undefined) throw c.get('refused') ?? new Fault('unauthenticated')
    const topics = await readTopics(c, ctx)
    for (const topic of topics)
      if (topic.startsWith('run:')) await withTenant(db, ctx, (tx) => findRun(tx, ctx, topic.slice(4)))
    const lastId = c.req.header('last-event-id')
    const since = lastId !== undefined && /^\d{1,20}$/.test(lastId) ? lastId : null
    c.header('X-Accel-Buffering', 'no')
    return streamSSE(
      c,
      async (stream) => {
        const queue = new Outgoing(topics)
        const subscriptions = topics.map((topic) => ({
          topic,
          line: hub.subscribe(ctx, topic, (delta) => queue.delta(delta.topic, delta.cursor, delta.rows)),
        }))
        stream.onAbort(() => queue.close())
        const tick = setInterval(() => queue.push({ event: 'tick', at: Date.now() }), tickEveryMs)
        const check = setInterval(() => {
          void stillAllowed(c).then(
            (allowed) => allowed || queue.close(),
            () => {},
          )
        }, 15_000)
        try {
          queue.push({ event: 'tick', at: Date.now() })
          for (const { topic, line } of subscriptions) {
            const { cursor, rows } = await line.start(topic === 'system' || topic === 'overview' ? null : since)
            queue.begin(topic, cursor, rows, since !== null && topic !== 'system' && topic !== 'overview')
          }
          for await (const message of queue) {
            if (message === 'overrun') {
              for (const { topic, line } of subscriptions) {
                const { cursor, rows } = await line.start(null)
                queue.begin(topic, cursor, rows, false)
              }
              continue
            }
            const { event, id, ...data } = message
            await stream.writeSSE({ event, data: JSON.stringify(data), ...(id === undefined ? {} : { id }) })
          }
        } catch (error) {
          log.warn('a live line broke', { requestId: c.get('requestId'), error: String(error) })
        } finally {
          clearInterval(tick)
          clearInterval(check)
          for (const { line } of subscriptions) line.end()
        }
      },
      async (error) => log.warn('a live line broke', { error: String(error) }),
    )
  }

const readTopics = async (c: HonoContext<ApiEnv>, ctx: Context): Promise<Topic[]> => {
  const asked = [...new Set(c.req.queries('topic') ?? [])]
  if (asked.length === 0 || asked.length > mostTopics) throw new Fault('bad_request', `Give 1 to ${mostTopics} topics.`)
  return asked.map((one) => {
    const parsed = topicShape.safeParse(one)
    if (!parsed.success) throw new Fault('bad_request', `topic: ${one.slice(0, 80)} is not a topic`)
    const topic = parsed.data as Topic
    if (!ctx.scopes.includes(scopeOf(topic)))
      throw new Fault('forbidden', `The topic ${topic} needs the scope ${scopeOf(topic)}.`)
    return topic
  })
}

/** `id` is the cursor to resume by once this message has arrived. */
type Message = (LiveMessage & { id?: string }) | 'overrun'

/**
 * What waits to be written to one viewer. Deltas of a topic that come before its snapshot is in wait behind it; one
 * who reads too slowly loses the queue and gets an `overrun` in its place.
 */
class Outgoing {
  readonly #cursors: Map<Topic, string | null>
  readonly #queue: Message[] = []
  readonly #early = new Map<Topic, LiveMessage[]>()
  #wake: (() => void) | undefined
  #closed = false

  constructor(topics: readonly Topic[]) {
    this.#cursors = new Map(topics.map((topic) => [topic, null]))
    for (const topic of topics) this.#early.set(topic, [])
  }

  /** The id to resume by: the oldest of the topics' cursors, so that no topic can miss anything. */
  #id(): { id?: string } {
    let oldest: bigint | undefined
    for (const [topic, cursor] of this.#cursors) {
      if (topic === 'system' || topic === 'overview') continue
      // a topic that has not begun must begin again after a break, so there is nothing to resume by yet
      if (cursor === null) return {}
      const value = BigInt(cursor)
      if (oldest === undefined || value < oldest) oldest = value
    }
    return oldest === undefined ? {} : { id: String(oldest) }
  }

  begin(topic: Topic, cursor: string, rows: readonly object[], resumed: boolean): void {
    this.#cursors.set(topic, cursor)
    this.push({ event: resumed ? 'delta' : 'snapshot', topic, cursor, rows: rows as [], ...this.#id() })
    for (const message of this.#early.get(topic) ?? []) this.push(message)
    this.#early.delete(topic)
  }

  delta(topic: Topic, cursor: string, rows: readonly object[]): void {
    const message: LiveMessage = { event: 'delta', topic, cursor, rows: rows as [] }
    const early = this.#early.get(topic)
    if (early !== undefined) return void early.push(message)
    this.#cursors.set(topic, cursor)
    if (rows.length > 0) this.push({ ...message, ...this.#id() })
  }

  push(message: Message): void {
    if (this.#closed) return
    if (this.#queue.length >= patience) {
      this.#queue.length = 0
      this.#queue.push('overrun')
    } else this.#queue.push(message)
    this.#wake?.()
  }

  close(): void {
    this.#closed = true
    this.#wake?.()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Message> {
    while (!this.#closed) {
      const next = this.#queue.shift()
      if (next !== undefined) yield next
      else await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }
}
