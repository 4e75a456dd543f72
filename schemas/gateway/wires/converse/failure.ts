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
  const said = isObject(body) ? (body['message'] ?? body['Message']) : undefined
  const message = typeof said === 'string' ? said : `The provider answered with ${code} and no reason.`
  return failure(sharpened(byName[code] ?? 'internal', undefined, message), message, { code })
}

/** What Bedrock's refusal says: its name stands in a header, or in the body as `__type`. */
export const readError = (
  status: number | undefined,
  body: unknown,
  header: HeaderReader = () => undefined,
  now = 0,
): Failure => {
  const type = isObject(body) && typeof body['__type'] === 'string' ? body['__type'] : undefined
  const name = /[A-Z]\w+(?=$|:)/.exec(header('x-amzn-errortype') ?? type?.split('#').at(-1) ?? '')?.[0]
  const retryAfter = retryAfterOf(header, now)
  const told =
    name === undefined ? failure(classOfStatus(status ?? 500), messageOf(body, status)) : exception(name, body)
  const of = name === undefined ? sharpened(told.class, undefined, told.message) : told.class
  return {
    ...told,
    class: of,
    ...(status === undefined ? {} : { status }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  }
}

const messageOf = (body: unknown, status: number | undefined): string => {
  const said = isObject(body) ? (body['message'] ?? body['Message']) : undefined
  return typeof said === 'string' ? said : `The provider answered with status ${status ?? '?'} and no reason.`
}

export const nameOf = (of: Failure): string => names[of.class] ?? 'ValidationException'

export const writeError = (of: Failure): FailureAnswer => ({
  status: failures[of.class].status,
  headers: { ...retryHeaders(of), 'x-amzn-errortype': nameOf(of) },
  body: { message: of.message },
})
