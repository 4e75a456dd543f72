import type { Context as HonoContext } from 'hono'
import { withTenant, type Databases } from '#activities/database.ts'
import type { Asked } from '#activities/gateway/relay/asked.ts'
import type { Relay } from '#activities/gateway/relay/index.ts'
import type { Sink } from '#activities/gateway/relay/sink.ts'
import type { Caller } from '#activities/gateway/store-known.ts'
import { findMember } from '#activities/identity/store.ts'
import type { ApiEnv } from '#api/deps.ts'
import { Fault } from '#schemas/errors.ts'
import type { Context } from '#schemas/tenancy.ts'
import { keyless } from '#activities/gateway/relay/keyless.ts'

/** Who signed in, or holds a key of the API, as one who asks models; what they ask carries this tag. */
export async function callerOf(db: Databases, ctx: Context, tag: 'playground' | 'replay'): Promise<Caller> {
  const { tenant, actor } = ctx
  const plain = keyless(tenant, { name: actor.name ?? null, tags: { [tag]: '' } })
  if (actor.kind !== 'user') return plain
  const member = await withTenant(db, ctx, (tx) => findMember(tx, ctx, actor.id))
  if (member === null) throw new Fault('unauthenticated')
  return { ...plain, user: { id: member.user, email: member.email }, person: member.user }
}

/**
 * Asks, and answers as it comes. Who goes away is not answered any more, and what was said until then is paid.
 * @throws Fault `not_answered` where nobody answers
 */
export async function answerTo(c: HonoContext<ApiEnv>, relay: Relay, caller: Caller, asked: Asked): Promise<Response> {
  const models = await relay.knowledge.models(caller.tenant)
  const { signal } = c.req.raw
  signal.throwIfAborted()
  return new Promise((resolve, reject) => {
    let over = false
    const leave = () => {
      if (!over) underWay.abandon()
    }
    const sink = new ResponseSink(relay, resolve, reject)
    const underWay = relay.ask(caller, models, asked, sink, () => {
      over = true
      signal.removeEventListener('abort', leave)
    })
    signal.addEventListener('abort', leave, { once: true })
  })
}

/** Headers of the relay that are the API's own to say. */
const idAt = 'x-request-id'

/** An answer as a response of the API; a refusal as a problem, once all of it is there. */
class ResponseSink implements Sink {
  readonly #relay: Pick<Relay, 'kept'>
  readonly #answer: (response: Response) => void
  readonly #refuse: (fault: Fault) => void
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined
  #refused: { status: number; headers: Readonly<Record<string, string>>; pieces: Uint8Array[] } | undefined
  #go: (() => void) | undefined
  #isOver = false

  constructor(relay: Pick<Relay, 'kept'>, answer: (response: Response) => void, refuse: (fault: Fault) => void) {
    this.#relay = relay
    this.#answer = answer
    this.#refuse = refuse
  }

  begin(status: number, headers: Readonly<Record<string, string>>): void {
    if (status >= 400) {
      this.#refused = { status, headers, pieces: [] }
      return
    }
    const body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller
        },
        pull: () => {
          const go = this.#go
          this.#go = undefined
          go?.()
        },
        // who leaves is heard of by the signal of the request
        cancel: () => {
          this.#isOver = true
        },
      },
      { highWaterMark: 64 * 1024, size: (piece) => piece.length },
    )
    const { [idAt]: id, ...told } = headers
    const own = { 'cache-control': 'no-store', 'x-accel-buffering': 'no' }
    this.#answer(new Response(body, { status, headers: { ...told, ...own, 'x-auterity-request': id ?? '' } }))
  }

  write(bytes: Uint8Array | string): boolean {
    const piece = typeof bytes === 'string' ? Buffer.from(bytes) : bytes
    if (this.#refused !== undefined) this.#refused.pieces.push(piece)
    else if (!this.#isOver && piece.length > 0) this.#controller?.enqueue(piece)
    return this.#refused !== undefined || this.#isOver || (this.#controller?.desiredSize ?? 1) > 0
  }

  end(bytes?: Uint8Array | string): void {
    if (bytes !== undefined) this.write(bytes)
    this.#relay.kept(() => {
      if (this.#refused !== undefined) return this.#refuse(notAnswered(this.#refused))
      if (!this.#isOver) this.#controller?.close()
      this.#isOver = true
    })
  }

  cut(): void {
    if (!this.#isOver) this.#controller?.error(new Error('The answer broke off.'))
    this.#isOver = true
  }

  drained(go: () => void): void {
    if (this.#isOver || (this.#controller?.desiredSize ?? 1) > 0) go()
    else this.#go = go
  }
}

/** A refusal on OpenAI's wire, as a problem that says the same. */
const notAnswered = ({
  status,
  headers,
  pieces,
}: {
  status: number
  headers: Readonly<Record<string, string>>
  pieces: readonly Uint8Array[]
}): Fault => {
  const { error } = JSON.parse(Buffer.concat(pieces).toString()) as {
    error?: { message?: string; code?: string | null; param?: string | null }
  }
  const after = Number(headers['retry-after'])
  return new Fault('not_answered', error?.message, {
    modelRequest: headers[idAt] ?? null,
    modelStatus: status,
    modelCode: error?.code ?? null,
    provider: headers['x-auterity-provider'] ?? null,
    ...(after > 0 ? { retryAfterSeconds: after } : {}),
  })
}
