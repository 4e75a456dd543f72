import { Readable } from 'node:stream'
import { Agent, type Dispatcher } from 'undici'
import { checkedConnector } from '#activities/outgoing.ts'
import type { Allowed } from '#activities/outgoing-address.ts'
import { failure, type Failure } from '#schemas/gateway/wires/failure.ts'

export type UpstreamRequest = {
  origin: string
  path: string
  headers: Record<string, string>
  /** In pieces where it is passed on as it came; how long they are is among the headers. */
  body: Uint8Array | readonly Uint8Array[] | null
  /** Whether the address is the platform's own, which may lie within its network. */
  trusted: boolean
}

/** Hears of one answer, in order: its head, its bytes, its end, or in place of what is missing the failure. */
export type UpstreamListener = {
  /** There is a connection that it goes over. */
  sent?(): void
  head(status: number, headers: Headers): void
  data(bytes: Uint8Array): void
  end(): void
  failed(failure: Failure): void
}
export type Headers = Readonly<Record<string, string | string[] | undefined>>

/** An answer on its way. */
export type Answering = { pause(): void; resume(): void; abort(): void }

export type Upstream = { send(request: UpstreamRequest, listener: UpstreamListener): Answering; close(): Promise<void> }

export type UpstreamOptions = {
  allow: Allowed
  /** How long the head of an answer may take, in ms: a model may think for long before its first word. */
  headMs?: number
  /** How long it may be silent in the midst of an answer, in ms. */
  silenceMs?: number
  /** The most connections to one address. */
  connections?: number
}

const gone = new Error('The caller is gone.')

/**
 * Sends requests to model providers over connections that are kept. Addresses are checked where they are connected to, as
 * for every address that a user gave.
 */
export function createUpstream(options: UpstreamOptions): Upstream {
  const { allow, headMs = 600_000, silenceMs = 60_000, connections = 1024 } = options
  const common = {
    connections,
    pipelining: 1,
    headersTimeout: headMs,
    bodyTimeout: silenceMs,
    keepAliveTimeout: 30_000,
  }
  const checked = new Agent({ ...common, connect: checkedConnector(allow) })
  const open = new Agent(common)
  return {
    send({ origin, path, headers, body, trusted }, listener) {
      let controller: Dispatcher.DispatchController | undefined
      let aborted = false
      const handler: Dispatcher.DispatchHandler = {
        onRequestStart(given) {
          controller = given
          listener.sent?.()
          if (aborted) given.abort(gone)
        },
        onResponseStart(_controller, status, answered) {
          if (status >= 200) listener.head(status, answered)
        },
        onResponseData: (_controller, bytes) => listener.data(bytes),
        onResponseEnd: () => listener.end(),
        onResponseError(_controller, error) {
          if (error !== gone) listener.failed(failureOf(error))
        },
      }
      const agent = trusted ? open : checked
      agent.dispatch({ origin, path, method: body === null ? 'GET' : 'POST', headers, body: sendable(body) }, handler)
      return {
        pause: () => controller?.pause(),
        resume: () => controller?.resume(),
        abort: () => {
          aborted = true
          controller?.abort(gone)
        },
      }
    },
    async close() {
      await Promise.all([checked.destroy(), open.destroy()])
    },
  }
}

/** Pieces go one after another, each when there is room for it. */
const sendable = (body: UpstreamRequest['body']): Uint8Array | Readable | null =>
  body === null || body instanceof Uint8Array ? body : Readable.from(body, { objectMode: false })

const slow = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'UND_ERR_CONNECT_TIMEOUT'])

const failureOf = (error: Error): Failure => {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  for (let at: unknown = error; at instanceof Error; at = at.cause)
    if (at.name === 'Fault') return failure('invalid', at.message, { code: 'address_refused' })
  return code !== undefined && slow.has(code)
    ? failure('timeout', 'The provider was silent for too long.')
    : failure('broken', 'The connection to the provider broke.')
}
