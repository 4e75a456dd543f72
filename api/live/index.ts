import type { Context as HonoContext } from 'hono'
import { streamSSE } from 'hono/streaming'
import { findRun } from '#activities/runs/store.ts'
import { withTenant } from '#activities/database.ts'
import type { Scope } from '#schemas/access.ts'
import { Fault } from '#schemas/errors.ts'
import { mostTopics, tickEveryMs, topic as topicShape, type Topic } from '#schemas/live.ts'
import type { Context } from '#schemas/tenancy.ts'
import type { ApiDeps, ApiEnv } from '../deps.ts'
import { frameOf } from './frame.ts'
import type { LiveHub } from './hub.ts'
import { Outgoing } from './outgoing.ts'

/** Where a viewer goes when this process ends is another one's start: they come back spread over a second and a half, in ms. */
const comeBackAfter = (): number => 500 + Math.floor(Math.random() * 1500)

const scopeOf = (topic: Topic): Scope => {
  if (topic === 'approvals') return 'approvals:read'
  if (topic === 'receipts') return 'ingress:read'
  return topic === 'system' ? 'system:read' : 'runs:read'
}

/**
 * `GET /v1/live?topic=…&topic=…`: Server-Sent Events. Each topic begins with a `snapshot`, or after a reconnect
 * with `Last-Event-ID` with what changed meanwhile, and goes on with `delta`s; a `tick` every two seconds proves that
 * the line is open. `stillAllowed` is asked whenever somebody at the tenant may do less than before, and now and
 * then; when it says no, the line ends.
 */
export const live =
  (
    { db, log, recheckEveryMs }: ApiDeps,
    hub: Pick<LiveHub, 'subscribe' | 'stopping' | 'onAccess'>,
    stillAllowed: (c: HonoContext<ApiEnv>) => Promise<boolean>,
  ) =>
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
        const close = () => queue.close()
        stream.onAbort(close)
        hub.stopping.addEventListener('abort', close, { once: true })
        const tick = setInterval(() => queue.push({ event: 'tick', at: Date.now() }), tickEveryMs)
        const check = () => {
          void stillAllowed(c).then(
            (allowed) => allowed || queue.close(),
            () => {},
          )
        }
        const deaf = hub.onAccess(ctx.tenant, check)
        // for what runs out by time, and for a word from the database that was missed
        const checks = setInterval(check, recheckEveryMs)
        try {
          queue.push({ event: 'tick', at: Date.now() })
          for (const { topic, line } of subscriptions) {
            const { cursor, rows } = await line.start(topic === 'system' || topic === 'overview' ? null : since)
            queue.begin(topic, cursor, rows, since !== null && topic !== 'system' && topic !== 'overview')
          }
          for await (const message of queue) {
            if (message === 'overrun') {
              queue.restart()
              for (const { topic, line } of subscriptions) {
                const { cursor, rows } = await line.start(null)
                queue.begin(topic, cursor, rows, false)
              }
              continue
            }
            await stream.write(frameOf(message))
          }
          if (hub.stopping.aborted) await stream.write(`retry: ${comeBackAfter()}\n\n`)
        } catch (error) {
          log.warn('a live line broke', { requestId: c.get('requestId'), error: String(error) })
        } finally {
          clearInterval(tick)
          clearInterval(checks)
          deaf()
          hub.stopping.removeEventListener('abort', close)
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
