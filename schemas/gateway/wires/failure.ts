/**
 * The ways in which a provider refuses or fails, in one word each: what the wires call them and the status they come with.
 * `next`: where the same request may succeed. `blames`: whose fault it is, and who had better not be asked for a while.
 * Rows are read from the first, so a status that several share means the first of them.
 */
export const failures = {
  invalid: {
    status: 400,
    next: 'nowhere',
    blames: null,
    chat: 'invalid_request_error',
    messages: 'invalid_request_error',
  },
  unauthenticated: {
    status: 401,
    next: 'elsewhere',
    blames: 'key',
    chat: 'authentication_error',
    messages: 'authentication_error',
  },
  billing: { status: 402, next: 'elsewhere', blames: 'key', chat: 'insufficient_quota', messages: 'billing_error' },
  forbidden: { status: 403, next: 'elsewhere', blames: 'key', chat: 'permission_error', messages: 'permission_error' },
  not_found: {
    status: 404,
    next: 'elsewhere',
    blames: 'target',
    chat: 'invalid_request_error',
    messages: 'not_found_error',
  },
  conflict: { status: 409, next: 'later', blames: null, chat: 'conflict_error', messages: 'conflict_error' },
  too_large: {
    status: 413,
    next: 'elsewhere',
    blames: null,
    chat: 'invalid_request_error',
    messages: 'request_too_large',
  },
  rate_limited: { status: 429, next: 'later', blames: 'key', chat: 'rate_limit_error', messages: 'rate_limit_error' },
  context_length: {
    status: 400,
    next: 'elsewhere',
    blames: null,
    chat: 'invalid_request_error',
    messages: 'invalid_request_error',
  },
  content_policy: {
    status: 400,
    next: 'nowhere',
    blames: null,
    chat: 'invalid_request_error',
    messages: 'invalid_request_error',
  },
  internal: { status: 500, next: 'later', blames: 'target', chat: 'server_error', messages: 'api_error' },
  /** No proper answer came: a stream that was cut, or JSON that is none. */
  broken: { status: 502, next: 'later', blames: 'target', chat: 'server_error', messages: 'api_error' },
  overloaded: { status: 503, next: 'later', blames: 'target', chat: 'server_error', messages: 'overloaded_error' },
  timeout: { status: 504, next: 'later', blames: 'target', chat: 'server_error', messages: 'timeout_error' },
} as const satisfies Record<string, FailureRow>

type FailureRow = {
  status: number
  /** With nobody, with another provider or key, or with the same one too after a while. */
  next: 'nowhere' | 'elsewhere' | 'later'
  blames: 'key' | 'target' | null
  chat: string
  messages: string
}

export type FailureClass = keyof typeof failures

/**
 * A refusal or failure of a provider. `status` is what it came with, or what its class comes with; `code` is the provider's
 * own word; `retryAfter` in seconds.
 */
export type Failure = {
  class: FailureClass
  status: number
  message: string
  code?: string
  param?: string
  retryAfter?: number
}

export const failure = (of: FailureClass, message: string, more: Partial<Failure> = {}): Failure => ({
  class: of,
  status: failures[of].status,
  message,
  ...more,
})

/** What a status alone tells. */
export const classOfStatus = (status: number): FailureClass => {
  if (status === 408 || status === 504) return 'timeout'
  if (status === 529 || status === 503) return 'overloaded'
  if (status === 422) return 'invalid'
  for (const [name, row] of Object.entries(failures)) if (row.status === status) return name as FailureClass
  return status >= 500 ? 'internal' : 'invalid'
}

/** Headers by their name in small letters. */
export type HeaderReader = (name: string) => string | null | undefined

/**
 * How long a provider asks to wait, in seconds: `retry-after-ms`, `retry-after` as seconds or as a date (which needs to know
 * what time it is, in milliseconds since 1970).
 */
export const retryAfterOf = (header: HeaderReader, now: number): number | undefined => {
  const exact = Number(header('retry-after-ms') ?? Number.NaN)
  if (Number.isFinite(exact) && exact >= 0) return exact / 1000
  const text = header('retry-after')
  if (text === null || text === undefined || text.trim() === '') return undefined
  const seconds = Number(text)
  if (Number.isFinite(seconds)) return seconds >= 0 ? seconds : undefined
  const at = Date.parse(text)
  return Number.isNaN(at) ? undefined : Math.max(0, (at - now) / 1000)
}

/** What the body of a refusal says of itself; `retryAfter` in seconds, where it is not said in a header. */
export type Told = {
  class: FailureClass
  message: string | undefined
  code?: string | undefined
  param?: string | undefined
  retryAfter?: number | undefined
}

/** Reads a refusal: its status, which is undefined where it is told within a stream, its body, its headers, and the time. */
export type ErrorReader = (status: number | undefined, body: unknown, header?: HeaderReader, now?: number) => Failure

/** The reader of a wire, of what it makes of a body. */
export const errorReader =
  (read: (body: unknown, status: number | undefined, header: HeaderReader) => Told): ErrorReader =>
  (status, body, header = () => undefined, now = 0) => {
    const { class: of, message, code, param, ...told } = read(body, status, header)
    const text = message ?? `The provider answered with status ${status ?? '?'} and no reason.`
    const retryAfter = told.retryAfter ?? retryAfterOf(header, now)
    return failure(sharpened(of, code, text), text, {
      ...(status === undefined ? {} : { status }),
      ...(code === undefined ? {} : { code }),
      ...(param === undefined ? {} : { param }),
      ...(retryAfter === undefined ? {} : { retryAfter }),
    })
  }

/** What a failure is answered with: status, headers, and the body in the words of a wire. */
export type FailureAnswer = { status: number; headers: Record<string, string>; body: { [key: string]: unknown } }

export const retryHeaders = ({ retryAfter }: Failure): Record<string, string> =>
  retryAfter === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfter)) }

/** A failure in the words of a wire, with the status that its SDKs know for it, whatever the provider's was. */
export const failureAnswer = (of: Failure, body: FailureAnswer['body']): FailureAnswer => ({
  status: failures[of.class].status,
  headers: retryHeaders(of),
  body,
})

const contextWords =
  /context.{0,20}(length|window)|prompt is too long|too many (input )?tokens|maximum context|input is too long/i
const policyWords = /content.?(policy|filter|management)|safety system|usage policy/i

/** Sharper than the class that status and type tell: a prompt that is too long, or one that a policy forbids. */
export const sharpened = (of: FailureClass, code: string | undefined, message: string): FailureClass => {
  if (of !== 'invalid' && of !== 'too_large') return of
  if (code === 'context_length_exceeded' || contextWords.test(message)) return 'context_length'
  if (code === 'content_filter' || code === 'content_policy_violation' || policyWords.test(message))
    return 'content_policy'
  return of
}
