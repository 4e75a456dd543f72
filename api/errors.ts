import type { Context, ErrorHandler } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { HTTPException } from 'hono/http-exception'
import type { Log } from '#activities/log.ts'
import { errors, Fault, isAway, isFault, type ErrorCode } from '#schemas/errors.ts'
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
    // nobody is there any more to be answered, and nothing is wrong with us
    const hungUp = c.req.raw.signal.aborted
    const fault = hungUp ? new Fault('bad_request', 'The caller hung up.') : toFault(error)
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

export const notFound =
  (code: ErrorCode = 'not_found') =>
  (c: Context<ApiEnv>) =>
    problem(c, new Fault(code))
