import {
  classOfStatus,
  errorReader,
  failure,
  failureAnswer,
  sharpened,
  type Failure,
  type FailureAnswer,
  type FailureClass,
} from '../failure.ts'
import { isObject } from '../members.ts'

const byName: Record<string, FailureClass> = {
  ValidationException: 'invalid',
  AccessDeniedException: 'forbidden',
  UnrecognizedClientException: 'unauthenticated',
  ExpiredTokenException: 'unauthenticated',
  InvalidSignatureException: 'unauthenticated',
  ResourceNotFoundException: 'not_found',
  ConflictException: 'conflict',
  ThrottlingException: 'rate_limited',
  ServiceQuotaExceededException: 'rate_limited',
  ModelNotReadyException: 'overloaded',
  ServiceUnavailableException: 'overloaded',
  ModelTimeoutException: 'timeout',
  InternalServerException: 'internal',
  ModelErrorException: 'internal',
  ModelStreamErrorException: 'internal',
}

const names: Partial<Record<FailureClass, string>> = {
  unauthenticated: 'UnrecognizedClientException',
  forbidden: 'AccessDeniedException',
  not_found: 'ResourceNotFoundException',
  conflict: 'ConflictException',
  rate_limited: 'ThrottlingException',
  overloaded: 'ServiceUnavailableException',
  timeout: 'ModelTimeoutException',
  internal: 'InternalServerException',
  broken: 'InternalServerException',
}

/** An exception by its name, which within a stream begins with a small letter. */
export const exception = (name: string, body: unknown): Failure => {
  const code = name.charAt(0).toUpperCase() + name.slice(1)
  const message = messageOf(body) ?? `The provider answered with ${code} and no reason.`
  return failure(sharpened(byName[code] ?? 'internal', undefined, message), message, { code })
}

/** What Bedrock's refusal says: its name stands in a header, or in the body as `__type`. */
export const readError = errorReader((body, status, header) => {
  const type = isObject(body) && typeof body['__type'] === 'string' ? body['__type'] : undefined
  const code = /[A-Z]\w+(?=$|:)/.exec(header('x-amzn-errortype') ?? type?.split('#').at(-1) ?? '')?.[0]
  if (code === undefined) return { class: classOfStatus(status ?? 500), message: messageOf(body) }
  const { class: of, message } = exception(code, body)
  return { class: of, message, code }
})

const messageOf = (body: unknown): string | undefined => {
  const said = isObject(body) ? (body['message'] ?? body['Message']) : undefined
  return typeof said === 'string' ? said : undefined
}

export const nameOf = (of: Failure): string => names[of.class] ?? 'ValidationException'

export const writeError = (of: Failure): FailureAnswer => {
  const { headers, ...answer } = failureAnswer(of, { message: of.message })
  return { ...answer, headers: { ...headers, 'x-amzn-errortype': nameOf(of) } }
}
