import { isObject } from '../members.ts'
import {
  classOfStatus,
  errorReader,
  failureAnswer,
  failures,
  type Failure,
  type FailureAnswer,
  type FailureClass,
} from '../failure.ts'

const byWord: Record<string, FailureClass> = {
  insufficient_quota: 'billing',
  budget_exceeded: 'billing',
  billing_hard_limit_reached: 'billing',
  rate_limit_exceeded: 'rate_limited',
  rate_limit_error: 'rate_limited',
  requests: 'rate_limited',
  tokens: 'rate_limited',
  invalid_api_key: 'unauthenticated',
  authentication_error: 'unauthenticated',
  permission_error: 'forbidden',
  model_not_found: 'not_found',
  DeploymentNotFound: 'not_found',
  context_length_exceeded: 'context_length',
  content_filter: 'content_policy',
  content_policy_violation: 'content_policy',
  invalid_prompt: 'invalid',
  invalid_request_error: 'invalid',
  conflict_error: 'conflict',
  server_error: 'internal',
  overloaded_error: 'overloaded',
  overloaded: 'overloaded',
  engine_overloaded: 'overloaded',
  timeout: 'timeout',
}

const word = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined

const messageOf = (body: unknown): string | undefined => {
  if (typeof body === 'string') return body.slice(0, 2000)
  if (!isObject(body)) return undefined
  const { error, message, detail } = body
  if (isObject(error)) return word(error['message'])
  return word(error) ?? word(message) ?? (detail === undefined ? undefined : JSON.stringify(detail))
}

/** What the body of a refusal says, of OpenAI and of those who speak like it. */
export const readError = errorReader((body, status) => {
  const told = isObject(body) && isObject(body['error']) ? body['error'] : isObject(body) ? body : {}
  const code = word(told['code'])
  const type = word(told['type'])
  const inWords = byWord[code ?? ''] ?? byWord[type ?? '']
  // a status is trusted before a type, which many set to `invalid_request_error` for all
  const byStatus =
    status === undefined ? classOfStatus(Number(code) >= 400 ? Number(code) : 500) : classOfStatus(status)
  const sure = byWord[code ?? ''] ?? (status === undefined || byStatus === 'invalid' ? inWords : undefined)
  return { class: sure ?? byStatus, message: messageOf(body), code: code ?? type, param: word(told['param']) }
})

const codes: Partial<Record<FailureClass, string>> = {
  context_length: 'context_length_exceeded',
  content_policy: 'content_filter',
  rate_limited: 'rate_limit_exceeded',
  billing: 'insufficient_quota',
  unauthenticated: 'invalid_api_key',
  not_found: 'model_not_found',
}

export const errorBody = (of: Failure) => ({
  error: { message: of.message, type: failures[of.class].chat, param: of.param ?? null, code: codes[of.class] ?? null },
})

export const writeError = (of: Failure): FailureAnswer => failureAnswer(of, errorBody(of))
