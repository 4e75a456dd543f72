import { lookup } from 'node:dns/promises'
import { Agent, buildConnector, fetch, type Dispatcher } from 'undici'
import { Fault } from '#schemas/errors.ts'
import { isAllowed, type Allowed } from './outgoing-address.ts'

export type OutgoingRequest = {
  method: string
  url: string
  headers?: Record<string, string>
  body?: string
  /** The longest all of it may take, redirects and body, in ms. */
  timeoutMs?: number
  /** The most bytes of the answer, unpacked. */
  maxBytes?: number
  /** How often it may be led on to another address; five times unless given. */
  redirects?: number
  /** What is added at each address it comes to, by that address alone: nothing of it is carried on to the next. */
  sign?: (url: URL) => Signed
  signal?: AbortSignal | undefined
}
/** What a credential adds to a request. */
export type Signed = { headers?: Record<string, string>; query?: Record<string, string> }
export type OutgoingReply = { status: number; headers: Headers; body: Uint8Array; url: string }

/** The one way to an address that a user gave. */
export type Outgoing = (asked: OutgoingRequest) => Promise<OutgoingReply>

export type OutgoingOptions = {
  /** Addresses off the public internet that this installation allows all the same. */
  allow: Allowed
  /** Gives the addresses of a name. */
  resolve?: (name: string) => Promise<string[]>
  /** How long may pass until the head of an answer is there, and between two pieces of its body, in ms. */
  silenceMs?: number
}

const mostRedirects = 5
/** What another site may see of the headers a user gave; any other may be a credential. */
const harmless = new Set(['accept', 'accept-language', 'content-type', 'idempotency-key', 'user-agent'])
/** Set by the connection itself; from a user they could say that the request is for somebody else. */
const ours = new Set([
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'upgrade',
  'keep-alive',
  'te',
  'trailer',
  'expect',
])

const allOf = async (name: string): Promise<string[]> =>
  (await lookup(name, { all: true })).map(({ address }) => address)

/**
 * Calls http and https only, looks names up itself and connects to exactly the address it has looked at, again for each
 * redirect. What is not on the public internet is `address_refused`; what does not answer in time, `connector_unavailable`.
 * Proxies of the environment are not used: they would look the name up again.
 */
export function createOutgoing({ allow, resolve = allOf, silenceMs = 10_000 }: OutgoingOptions): Outgoing {
  const dispatcher = new Agent({
    connect: checkedConnector(allow, resolve),
    headersTimeout: silenceMs,
    bodyTimeout: silenceMs,
  })
  return async ({ timeoutMs = 30_000, maxBytes = 1_000_000, redirects = mostRedirects, signal, sign, ...asked }) => {
    const late = AbortSignal.timeout(timeoutMs)
    const until = signal === undefined ? late : AbortSignal.any([late, signal])
    let next: Asked = { ...asked, headers: readHeaders(asked.headers ?? {}), url: readUrl(asked.url) }
    for (let hops = 0; hops <= redirects; hops++) {
      const { host } = next.url
      try {
        const reply = await send(signed(next, sign?.(next.url)), dispatcher, until)
        const to = redirectOf(reply)
        if (to === null) {
          const body = await readBody(reply, maxBytes, host)
          return { status: reply.status, headers: reply.headers, body, url: next.url.href }
        }
        await reply.body?.cancel()
        next = redirected(next, reply.status, readUrl(new URL(to, next.url).href))
      } catch (error) {
        throw away(error, host, late.aborted)
      }
    }
    throw new Fault('connector_refused', `${next.url.host} leads on more than ${redirects} times.`)
  }
}

type Asked = { method: string; url: URL; headers: Record<string, string>; body?: string }
type Reply = Awaited<ReturnType<typeof fetch>>

const send = ({ url, method, headers, body }: Asked, dispatcher: Dispatcher, signal: AbortSignal): Promise<Reply> =>
  fetch(url, { method, headers, dispatcher, signal, redirect: 'manual', ...(body === undefined ? {} : { body }) })

const signed = (asked: Asked, { headers = {}, query = {} }: Signed = {}): Asked => {
  const url = new URL(asked.url)
  for (const [name, value] of Object.entries(query))
    url.search += `${url.search === '' ? '?' : '&'}${encodeURIComponent(name)}=${encodeURIComponent(value)}`
  return { ...asked, url, headers: { ...asked.headers, ...readHeaders(headers) } }
}

/** Connects to an address of the name that may be called, and to no other. */
export const checkedConnector = (
  allow: Allowed,
  resolve: (name: string) => Promise<string[]> = allOf,
): buildConnector.connector => {
  const connect = buildConnector({ timeout: 10_000 })
  const tryEach = async (options: buildConnector.Options) => {
    const { hostname, protocol } = options
    const port = Number(options.port) || (protocol === 'https:' ? 443 : 80)
    const addresses = await resolve(hostname)
    const good = addresses.filter((address) => isAllowed(allow, { hostname, port, address }))
    if (good.length === 0)
      throw new Fault('address_refused', `${hostname} is not on the public internet, so it is not called.`)
    let failed: unknown
    for (const address of good) {
      try {
        return await new Promise<Parameters<buildConnector.Callback>>((done, fail) =>
          connect({ ...options, hostname: address }, (...answer) =>
            answer[0] === null ? done(answer) : fail(answer[0]),
          ),
        )
      } catch (error) {
        failed = error
      }
    }
    throw failed
  }
  const answer = async (options: buildConnector.Options, callback: buildConnector.Callback): Promise<void> => {
    const found = await tryEach(options).catch((error: Error) => error)
    if (found instanceof Error) callback(found, null)
    else callback(...found)
  }
  return (options, callback) => void answer(options, callback)
}

const readUrl = (text: string): URL => {
  const url = URL.parse(text)
  if (url === null) throw new Fault('address_refused', 'This is no address like https://api.example.com/cars.')
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new Fault('address_refused', `Only http and https are called, not ${url.protocol.slice(0, -1)}.`)
  if (url.username !== '' || url.password !== '')
    throw new Fault('address_refused', 'The address carries a name or a password; send them in a header.')
  return url
}

const readHeaders = (given: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      const lower = name.toLowerCase()
      if (ours.has(lower) || lower.startsWith('proxy-'))
        throw new Fault('invalid', `The header “${name}” is not yours to set.`)
      if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name) || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value))
        throw new Fault('invalid', `The header “${name}” holds characters that no header may.`)
      return [lower, value]
    }),
  )

const redirectOf = ({ status, headers }: Reply): string | null =>
  [301, 302, 303, 307, 308].includes(status) ? headers.get('location') : null

/** The request that a redirect asks for (Fetch, 4.4): 303, and 301 and 302 of a POST, are read with GET. */
const redirected = ({ method, url, headers, body }: Asked, status: number, to: URL): Asked => {
  const read = status === 303 ? method !== 'HEAD' : status < 303 && method === 'POST'
  const kept = Object.entries(headers).filter(
    ([name]) => (to.origin === url.origin || harmless.has(name)) && !(read && name === 'content-type'),
  )
  return {
    method: read ? 'GET' : method,
    url: to,
    headers: Object.fromEntries(kept),
    ...(read || body === undefined ? {} : { body }),
  }
}

const readBody = async ({ body, headers }: Reply, maxBytes: number, host: string): Promise<Uint8Array> => {
  const tooLarge = () => new Fault('connector_refused', `${host} answers with more than ${maxBytes} bytes.`)
  if (Number(headers.get('content-length')) > maxBytes) {
    await body?.cancel()
    throw tooLarge()
  }
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of (body ?? []) as AsyncIterable<Uint8Array>) {
    length += piece.byteLength
    if (length > maxBytes) throw tooLarge()
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}

/** What broke on the way: a refusal of ours stands behind a few errors of the client. */
const away = (error: unknown, host: string, late: boolean): unknown => {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof Fault) return at
  const why = late ? `${host} took too long.` : `${host} does not answer.`
  return new Fault('connector_unavailable', why, { system: host }, error)
}
