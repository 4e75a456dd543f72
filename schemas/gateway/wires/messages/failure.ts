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

/** What Anthropic's refusal says. */
export const readError = errorReader((body, status) => {
  const { type, message } = isObject(body) && isObject(body['error']) ? body['error'] : {}
  const code = typeof type === 'string' ? type : undefined
  const byWord = byType[code ?? '']
  return {
    class: byWord ?? (status === undefined ? 'internal' : classOfStatus(status)),
    message: typeof message === 'string' ? message : undefined,
    code,
  }
})

export const errorBody = (of: Failure) => ({
  type: 'error',
  error: { type: failures[of.class].messages, message: of.message },
})

/** Anthropic's SDK knows an overload by a status of its own. */
export const writeError = (of: Failure): FailureAnswer => ({
  ...failureAnswer(of, errorBody(of)),
  ...(of.class === 'overloaded' ? { status: 529 } : {}),
})
