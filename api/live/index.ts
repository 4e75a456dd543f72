import type { Context as HonoContext } from 'hono'
import { findAutomation } from '#activities/automation/store.ts'
import { findRun } from '#activities/runs/store.ts'
import { findBatch } from '#activities/runs/store-batches.ts'
import { withTenant } from '#activities/database.ts'
import type { Scope } from '#schemas/access.ts'
import { Fault } from '#schemas/errors.ts'
import { mostTopics, topic as topicShape, type Topic } from '#schemas/live.ts'
import type { Context } from '#schemas/tenancy.ts'
import type { ApiDeps, ApiEnv } from '../deps.ts'
import type { LiveHub } from './hub.ts'
import { lineOf } from './line.ts'

const scopeOf = (topic: Topic): Scope => {
  if (topic === 'approvals') return 'approvals:read'
  if (topic.startsWith('automation') || topic.startsWith('presence')) return 'automations:read'
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
    for (const topic of topics) {
      const [of, id] = topic.split(':')
      // what there is not, or is another's, is refused before the line opens
      if (id !== undefined)
        await withTenant(db, ctx, (tx): Promise<unknown> =>
          of === 'run' ? findRun(tx, ctx, id) : of === 'batch' ? findBatch(tx, ctx, id) : findAutomation(tx, ctx, id),
        )
    }
    const lastId = c.req.header('last-event-id')
    const since = lastId !== undefined && /^\d{1,20}$/.test(lastId) ? lastId : null
    const line = lineOf({
      hub,
      ctx,
      topics,
      since,
      stillAllowed: () => stillAllowed(c),
      recheckEveryMs,
      onFault: (error) => log.warn('a live line broke', { requestId: c.get('requestId'), error: String(error) }),
    })
    // the last one keeps nginx from collecting what is to go out at once
    return c.body(line, 200, {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-cache',
      'X-Accel-Buffering': 'no',
    })
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
