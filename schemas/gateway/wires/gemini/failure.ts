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

const byStatus: Record<string, FailureClass> = {
  INVALID_ARGUMENT: 'invalid',
  FAILED_PRECONDITION: 'invalid',
  OUT_OF_RANGE: 'invalid',
  UNAUTHENTICATED: 'unauthenticated',
  PERMISSION_DENIED: 'forbidden',
  NOT_FOUND: 'not_found',
  ABORTED: 'conflict',
  RESOURCE_EXHAUSTED: 'rate_limited',
  INTERNAL: 'internal',
  UNKNOWN: 'internal',
  UNAVAILABLE: 'overloaded',
  DEADLINE_EXCEEDED: 'timeout',
}
const words: Partial<Record<FailureClass, string>> = Object.fromEntries(
  Object.entries(byStatus)
    .toReversed()
    .map(([word, of]) => [of, word]),
)

/** What Google's refusal says, which without server-sent events comes in a list; `status` undefined: told within a stream. */
export const readError = (
  status: number | undefined,
  given: unknown,
  header: HeaderReader = () => undefined,
  now = 0,
): Failure => {
  const body: unknown = Array.isArray(given) ? given[0] : given
  const error = isObject(body) && isObject(body['error']) ? body['error'] : {}
  const code = typeof error['status'] === 'string' ? error['status'] : undefined
  const message =
    typeof error['message'] === 'string'
      ? error['message']
      : `The provider answered with status ${status ?? '?'} and no reason.`
  const details = (Array.isArray(error['details']) ? error['details'] : []).filter(isObject)
  const badKey = details.some((one) => one['reason'] === 'API_KEY_INVALID')
  const number = typeof error['code'] === 'number' ? error['code'] : 500
  const of = badKey ? 'unauthenticated' : (byStatus[code ?? ''] ?? classOfStatus(status ?? number))
  // how long to wait stands in the body here, as `13s`
  const delay = details.map((one) => one['retryDelay']).find((one) => typeof one === 'string')
  const seconds = delay === undefined ? Number.NaN : Number.parseFloat(delay)
  const retryAfter = Number.isFinite(seconds) ? seconds : retryAfterOf(header, now)
  return failure(sharpened(of, undefined, message), message, {
    ...(status === undefined ? {} : { status }),
    ...(code === undefined ? {} : { code }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  })
}

export const errorBody = (of: Failure) => ({
  error: { code: failures[of.class].status, message: of.message, status: words[of.class] ?? 'INVALID_ARGUMENT' },
})

export const writeError = (of: Failure): FailureAnswer => ({
  status: failures[of.class].status,
  headers: retryHeaders(of),
  body: errorBody(of),
})
