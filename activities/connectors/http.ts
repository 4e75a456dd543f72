import { asyncLocalStorage as activity } from '@temporalio/activity'
import { Fault } from '#schemas/errors.ts'
import { traced, traceHeaders, type Span } from '#temporal/tracing.ts'

export type HttpRequest = {
  system: string
  method: string
  url: string
  headers?: Record<string, string>
  json?: unknown
  form?: Record<string, string>
  /** Statuses the caller understands besides 2xx. */
  expect?: readonly number[]
  timeoutMs?: number
}

export type HttpReply = { status: number; headers: Headers; body: unknown }

/**
 * One request to an outside system. Answers 2xx and the expected statuses; 429, 5xx, 408 and a broken line are
 * `connector_unavailable` (with `retryAfterMs` when the system names a time), anything else `connector_refused`.
 */
export const request = (asked: HttpRequest): Promise<HttpReply> => {
  const { hostname, port } = new URL(asked.url)
  const attributes = {
    'http.request.method': asked.method,
    'server.address': hostname,
    'server.port': port === '' ? undefined : Number(port),
  }
  return traced(asked.method, { kind: 'client', attributes }, (span) => send(asked, span))
}

const send = async (
  { system, method, url, headers = {}, json, form, expect = [], timeoutMs = 10_000 }: HttpRequest,
  span: Span,
): Promise<HttpReply> => {
  const body = json !== undefined ? JSON.stringify(json) : form !== undefined ? new URLSearchParams(form) : undefined
  let response: Response
  let text: string
  try {
    response = await fetch(url, {
      method,
      headers: {
        accept: 'application/json',
        ...traceHeaders(),
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      signal: limit(timeoutMs),
      ...(body === undefined ? {} : { body }),
    })
    text = await response.text()
  } catch (error) {
    throw new Fault('connector_unavailable', `${system} does not answer.`, { system }, error)
  }
  const reply = { status: response.status, headers: response.headers, body: parseBody(text) }
  span.set({ 'http.response.status_code': response.status })
  if (response.ok || expect.includes(response.status)) return reply
  throw refusal(system, reply)
}

/** Fires after `timeoutMs`, or when the activity that asks is to stop. */
const limit = (timeoutMs: number): AbortSignal => {
  const stopped = activity.getStore()?.cancellationSignal
  const late = AbortSignal.timeout(timeoutMs)
  return stopped === undefined ? late : AbortSignal.any([late, stopped])
}

/** The `Fault` for an answer that was not hoped for. */
export const refusal = (system: string, { status, headers, body }: HttpReply): Fault => {
  const said = sentence(body)
  const detail = `${system} answered ${status}${said === undefined ? '' : `: ${said}`}`
  if (status === 429 || status === 408 || status >= 500) {
    const retryAfterMs = pauseOf(headers.get('retry-after'))
    return new Fault('connector_unavailable', detail, {
      system,
      status,
      ...(retryAfterMs > 0 ? { retryAfterMs } : {}),
    })
  }
  return new Fault('connector_refused', detail, { system, status })
}

/** `Retry-After` in ms, seconds or a date (RFC 9110, 10.2.3), an hour at the most; 0 where it says nothing. */
const pauseOf = (retryAfter: string | null): number => {
  const seconds = Number(retryAfter)
  const ms = Number.isNaN(seconds) ? Date.parse(retryAfter ?? '') - Date.now() : seconds * 1000
  return ms > 0 ? Math.min(ms, 3_600_000) : 0
}

const parseBody = (text: string): unknown => {
  if (text === '') return null
  try {
    return JSON.parse(text)
  } catch {
    return text.slice(0, 500)
  }
}

const sentence = (body: unknown): string | undefined => {
  if (typeof body === 'string') return body.slice(0, 200)
  if (typeof body !== 'object' || body === null) return undefined
  for (const field of ['message', 'error', 'detail', 'errorMessage'] as const) {
    const value = (body as Record<string, unknown>)[field]
    if (typeof value === 'string') return value.slice(0, 300)
  }
  return undefined
}
