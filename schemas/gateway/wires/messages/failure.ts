import {
  classOfStatus,
  type Failure,
  type FailureAnswer,
  type FailureClass,
  failure,
  failures,
  type HeaderReader,
  retryAfterOf,
  retryHeaders,
  sharpened,
} from '../failure.ts'
import { isObject } from '../members.ts'

const byType: Record<string, FailureClass> = {
  invalid_request_error: 'invalid',
  authentication_error: 'unauthenticated',
  billing_error: 'billing',
  permission_error: 'forbidden',
  not_found_error: 'not_found',
  conflict_error: 'conflict',
  request_too_large: 'too_large',
  rate_limit_error: 'rate_limited',
  timeout_error: 'timeout',
  api_error: 'internal',
  overloaded_error: 'overloaded',
}

/** What Anthropic's refusal says; `status` undefined: told within a stream. */
export const readError = (
  status: number | undefined,
  body: unknown,
  header: HeaderReader = () => undefined,
  now = 0,
): Failure => {
  const told = isObject(body) && isObject(body['error']) ? body['error'] : {}
  const { type, message } = told
  const byWord = typeof type === 'string' ? byType[type] : undefined
  const of = byWord ?? (status === undefined ? 'internal' : classOfStatus(status))
  const text =
    typeof message === 'string' ? message : `The provider answered with status ${status ?? '?'} and no reason.`
  const retryAfter = retryAfterOf(header, now)
  return failure(sharpened(of, undefined, text), text, {
    ...(status === undefined ? {} : { status }),
    ...(typeof type === 'string' ? { code: type } : {}),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  })
}

export const errorBody = (of: Failure) => ({
  type: 'error',
  error: { type: failures[of.class].messages, message: of.message },
})

/** What a client of this wire is told. Anthropic's SDK knows an overload by a status of its own. */
export const writeError = (of: Failure): FailureAnswer => ({
  status: of.class === 'overloaded' ? 529 : failures[of.class].status,
  headers: retryHeaders(of),
  body: errorBody(of),
})
