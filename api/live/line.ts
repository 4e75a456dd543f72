import { isWhole, tickEveryMs, type LiveMessage, type Topic } from '#schemas/live.ts'
import type { Context } from '#schemas/tenancy.ts'
import { frameOf } from './frame.ts'
import type { LiveHub } from './hub.ts'
import { Outgoing } from './outgoing.ts'

/** Where a viewer goes when this process ends is another one's start: they come back spread over a second and a half, in ms. */
const comeBackAfter = (): number => 500 + Math.floor(Math.random() * 1500)

export type LineOptions = {
  hub: Pick<LiveHub, 'subscribe' | 'stopping' | 'onAccess'>
  ctx: Context
  topics: readonly Topic[]
  /** The cursor to resume by; null begins with snapshots. */
  since: string | null
  /** Whether the viewer may still look on. A fault is no answer, and the line stays. */
  stillAllowed: () => Promise<boolean>
  recheckEveryMs: number
  onFault: (error: unknown) => void
}

/**
 * The bytes of one viewer's line. What waits is written when the viewer can take it, all of it at once; it ends when
 * the viewer goes, may look on no longer, or this process is to end.
 */
export function lineOf(options: LineOptions): ReadableStream<Uint8Array> {
  const { hub, ctx, topics, since, stillAllowed, recheckEveryMs, onFault } = options
  const queue = new Outgoing(topics)
  const subscriptions = topics.map((topic) => ({
    topic,
    line: hub.subscribe(ctx, topic, (delta) => queue.delta(delta.topic, delta.cursor, delta.rows)),
  }))
  const close = () => queue.close()
  const begin = async (from: string | null): Promise<void> => {
    try {
      for (const { topic, line } of subscriptions) {
        const resumed = isWhole(topic) ? null : from
        const { cursor, rows } = await line.start(resumed)
        queue.begin(topic, cursor, rows, resumed !== null)
      }
    } catch (error) {
      onFault(error)
      close()
    }
  }
  const check = () => {
    void stillAllowed().then(
      (allowed) => allowed || close(),
      () => {},
    )
  }
  const deaf = hub.onAccess(ctx.tenant, check)
  const timers = [
    setInterval(() => queue.push({ event: 'tick', at: Date.now() }), tickEveryMs),
    // for what runs out by time, and for a word from the database that was missed
    setInterval(check, recheckEveryMs),
  ]
  hub.stopping.addEventListener('abort', close, { once: true })
  const end = () => {
    for (const timer of timers) clearInterval(timer)
    deaf()
    hub.stopping.removeEventListener('abort', close)
    for (const { line } of subscriptions) line.end()
  }
  let gone = false
  const over = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
    if (gone) return
    end()
    if (hub.stopping.aborted) controller.enqueue(Buffer.from(`retry: ${comeBackAfter()}\n\n`))
    controller.close()
  }

  return new ReadableStream<Uint8Array>({
    start() {
      queue.push({ event: 'tick', at: Date.now() })
      void begin(since)
    },
    async pull(controller) {
      let messages: LiveMessage[] = []
      while (messages.length === 0) {
        const waiting = await queue.take()
        if (waiting === null) return over(controller)
        if (waiting.includes('overrun')) {
          queue.restart()
          void begin(null)
        }
        messages = waiting.filter((one) => one !== 'overrun')
      }
      const [first, ...more] = messages.map(frameOf)
      if (first !== undefined) controller.enqueue(more.length === 0 ? first : Buffer.concat([first, ...more]))
    },
    cancel() {
      gone = true
      close()
      end()
    },
  })
}
