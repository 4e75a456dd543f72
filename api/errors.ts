import type { Context, ErrorHandler } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { HTTPException } from 'hono/http-exception'
import type { Log } from '#activities/log.ts'
import { errors, Fault, isFault, type ErrorCode } from '#schemas/errors.ts'
import type { ApiEnv } from './deps.ts'

/** An RFC 9457 problem document. */
export function problem(c: Context<ApiEnv>, fault: Fault): Response {
  const { status, title } = errors[fault.code]
  const { retryAfterSeconds, ...extra } = fault.extra
  if (typeof retryAfterSeconds === 'number') c.header('Retry-After', String(Math.ceil(retryAfterSeconds)))
  if (status === 401) c.header('WWW-Authenticate', 'Bearer realm="auterity"')
  const body = {
    type: `https://auterity.dev/problems/${fault.code}`,
    title,
    status,
    code: fault.code,
    ...(fault.detail === undefined ? {} : { detail: fault.detail }),
    requestId: c.get('requestId'),
    ...extra,
  }
  return c.body(JSON.stringify(body), status as ContentfulStatusCode, { 'content-type': 'application/problem+json' })
}

/** The one mapper of errors. What is not a `Fault` is logged whole and answered without its message. */
export const onError =
  (log: Log): ErrorHandler<ApiEnv> =>
  (error, c) => {
    const fault = toFault(error)
    if (fault.code === 'internal' || fault.code === 'unavailable')
      log.error('request failed', { requestId: c.get('requestId'), path: c.req.path, error })
    return problem(c, fault)
  }

const toFault = (error: unknown): Fault => {
  if (isFault(error)) return error
  if (error instanceof HTTPException) return new Fault(error.status === 404 ? 'not_found' : 'bad_request')
  // character_not_in_repertoire: Postgres keeps every text but one with a NUL in it
  if (error instanceof Error && 'code' in error && error.code === '22021')
    return new Fault('bad_request', 'Text may not hold the NUL character.')
  return new Fault(isAway(error) ? 'unavailable' : 'internal')
}

const awayCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  '57P01',
  '57P02',
  '57P03',
  '08006',
  '53300',
])

/** Postgres or Temporal is not there right now: the caller may simply try again. */
export const isAway = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false
  const code = 'code' in error ? error.code : undefined
  if (typeof code === 'string' && awayCodes.has(code)) return true
  // gRPC UNAVAILABLE and DEADLINE_EXCEEDED
  if (code === 14 || code === 4) return true
  if (/Connection terminated|timeout exceeded when trying to connect/.test(error.message)) return true
  return isAway(error.cause)
}

export const notFound =
  (code: ErrorCode = 'not_found') =>
  (c: Context<ApiEnv>) =>
    problem(c, new Fault(code))
