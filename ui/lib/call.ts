import type { RouteKey, Routes } from '#schemas/routes.ts'
import { readProblem, unreachable } from './problem.ts'

/*
 * Only the type of the contract comes here, so no zod is shipped. Inferred through `_zod` lazily: naming
 * `z.input` here makes the compiler do several times the work.
 */
type Input<T> = T extends { _zod: { input: infer I } } ? I : never
type Output<T> = T extends { _zod: { output: infer O } } ? O : never
type Names<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Name | Names<Rest>
  : Path extends `${string}:${infer Name}`
    ? Name
    : never

/** What stands in the path: `{ run: string }` for `GET /v1/runs/:run`. */
export type Params<K extends RouteKey> = { [Name in Names<K>]: string }
/** What is sent: the body of a route that has one, else its query. */
export type Sent<K extends RouteKey> = Routes[K] extends { body: infer B }
  ? Input<B>
  : Routes[K] extends { query: infer Q }
    ? Input<Q>
    : undefined
/** What comes back. */
export type Reply<K extends RouteKey> = Output<Routes[K]['reply']>

export type CallOptions = {
  fetch?: typeof globalThis.fetch
  signal?: AbortSignal
  /** Give the same key to send the same request again without doing it twice. */
  idempotencyKey?: string
  /** It is sent even though the page goes away. */
  keepalive?: boolean
}

/** What happens when nobody is signed in; set once by the shell, so that this file knows no router. */
let onUnauthenticated = (): void => {}
export const whenUnauthenticated = (act: () => void): void => {
  onUnauthenticated = act
}

const addressOf = (path: string, params: Record<string, string>, query: object | undefined): string => {
  const filled = path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''))
  const entries = Object.entries(query ?? {}).filter(([, value]) => value !== undefined && value !== '')
  return entries.length === 0 ? filled : `${filled}?${new URLSearchParams(entries.map(([k, v]) => [k, String(v)]))}`
}

/**
 * Calls the API by the key of the contract: `call('POST /v1/approvals/:approval/decide', { approval }, body)`.
 *
 * @param params what stands in the path, `{}` where nothing does
 * @param sent the body, or for a route without body the query
 * @throws Problem when the API refuses or does not answer (code `unavailable`)
 */
export const call = async <K extends RouteKey>(
  key: K,
  params: Params<K>,
  sent?: Sent<K>,
  options: CallOptions = {},
): Promise<Reply<K>> => {
  const [method, path] = key.split(' ') as [string, string]
  const reads = method === 'GET'
  const headers = new Headers({ accept: 'application/json' })
  if (!reads && sent !== undefined) headers.set('content-type', 'application/json')
  if (method === 'POST') headers.set('idempotency-key', options.idempotencyKey ?? newKey())
  const response = await (options.fetch ?? globalThis.fetch)(
    addressOf(path, params, reads ? (sent as object | undefined) : undefined),
    {
      method,
      headers,
      credentials: 'same-origin',
      body: reads || sent === undefined ? null : JSON.stringify(sent),
      signal: options.signal ?? null,
      keepalive: options.keepalive ?? false,
    },
  ).catch((error: unknown) => {
    throw options.signal?.aborted ? error : unreachable()
  })
  if (!response.ok) {
    const problem = await readProblem(response)
    if (problem.code === 'unauthenticated') onUnauthenticated()
    throw problem
  }
  return (response.status === 204 ? null : await response.json()) as Reply<K>
}

/** `crypto.randomUUID` exists on https and localhost only; the page may be served in plain on a local network. */
export const newKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
