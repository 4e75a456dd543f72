import {
  classOfStatus,
  errorReader,
  failureAnswer,
  failures,
  type Failure,
  type FailureAnswer,
  type FailureClass,
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

/** What Google's refusal says, which without server-sent events comes in a list. */
export const readError = errorReader((given, status) => {
  const body: unknown = Array.isArray(given) ? given[0] : given
  const error = isObject(body) && isObject(body['error']) ? body['error'] : {}
  const code = typeof error['status'] === 'string' ? error['status'] : undefined
  const details = (Array.isArray(error['details']) ? error['details'] : []).filter(isObject)
  const badKey = details.some((one) => one['reason'] === 'API_KEY_INVALID')
  const number = typeof error['code'] === 'number' ? error['code'] : 500
  // how long to wait stands in the body here, as `13s`
  const delay = details.map((one) => one['retryDelay']).find((one) => typeof one === 'string')
  const seconds = delay === undefined ? Number.NaN : Number.parseFloat(delay)
  return {
    class: badKey ? 'unauthenticated' : (byStatus[code ?? ''] ?? classOfStatus(status ?? number)),
    message: typeof error['message'] === 'string' ? error['message'] : undefined,
    code,
    retryAfter: Number.isFinite(seconds) ? seconds : undefined,
  }
})

export const errorBody = (of: Failure) => ({
  error: { code: failures[of.class].status, message: of.message, status: words[of.class] ?? 'INVALID_ARGUMENT' },
})

export const writeError = (of: Failure): FailureAnswer => failureAnswer(of, errorBody(of))
