/**
 * Every way a request or a step can be refused. One table, three doors: the API answers `status` and
 * `title` as an RFC 9457 problem, activities turn `retryable: false` into a non-retryable failure, the UI
 * shows `title`.
 */
export const errors = {
  bad_request: { status: 400, retryable: false, title: 'The request is not well formed.' },
  invalid: { status: 422, retryable: false, title: 'Some fields are not acceptable.' },
  unauthenticated: { status: 401, retryable: false, title: 'Sign in, or send an API key.' },
  bad_credentials: { status: 401, retryable: false, title: 'That e-mail and password do not match.' },
  link_used: { status: 410, retryable: false, title: 'This sign-in link was used or has run out.' },
  forbidden: { status: 403, retryable: false, title: 'Your role does not allow this.' },
  bad_origin: { status: 403, retryable: false, title: 'The request came from another site.' },
  not_found: { status: 404, retryable: false, title: 'There is nothing here by that name.' },
  method_not_allowed: { status: 405, retryable: false, title: 'This address does not take that method.' },
  conflict: { status: 409, retryable: false, title: 'Somebody else changed this first.' },
  not_possible: { status: 409, retryable: false, title: 'This cannot be done as things stand.' },
  already_decided: { status: 409, retryable: false, title: 'This approval was already decided.' },
  run_closed: { status: 409, retryable: false, title: 'This run has already ended.' },
  nothing_fits: { status: 409, retryable: false, title: 'No run fits.' },
  batch_too_large: { status: 422, retryable: false, title: 'These are more runs than one batch takes.' },
  already_exists: { status: 409, retryable: false, title: 'There is one by that name already.' },
  last_owner: { status: 409, retryable: false, title: 'A tenant needs at least one owner.' },
  idempotency_mismatch: {
    status: 422,
    retryable: false,
    title: 'This Idempotency-Key was used for another request.',
  },
  too_large: { status: 413, retryable: false, title: 'The body is too large.' },
  unsupported_media_type: { status: 415, retryable: false, title: 'This content type is not understood.' },
  too_many_requests: { status: 429, retryable: true, title: 'Too many attempts; wait a little.' },
  signature_missing: { status: 401, retryable: false, title: 'The webhook carries no signature.' },
  signature_invalid: { status: 401, retryable: false, title: 'The webhook signature does not match.' },
  timestamp_invalid: {
    status: 400,
    retryable: false,
    title: 'The webhook timestamp is more than five minutes off, or not a number.',
  },
  lead_malformed: { status: 422, retryable: false, title: 'The body is neither an ADF document nor a JSON lead.' },
  input_invalid: { status: 422, retryable: false, title: 'The input is not what this automation takes.' },
  automation_invalid: { status: 422, retryable: false, title: 'This automation cannot run as it is drawn.' },
  automation_archived: { status: 409, retryable: false, title: 'This automation is archived.' },
  draft_conflict: { status: 409, retryable: false, title: 'Somebody else saved this draft first.' },
  history_unreadable: {
    status: 409,
    retryable: false,
    title: 'What this run did can no longer be told from its history.',
  },
  policy_invalid: { status: 422, retryable: false, title: 'These rules cannot be published as they stand.' },
  policy_archived: { status: 409, retryable: false, title: 'This policy is archived.' },
  not_published: { status: 409, retryable: false, title: 'This automation has no published version yet.' },
  body_conflict: {
    status: 409,
    retryable: false,
    title: 'This webhook id was used with another body; the new one is kept in quarantine.',
  },
  model_refused: { status: 502, retryable: false, title: 'The model did not give an answer of the asked shape.' },
  not_answered: { status: 422, retryable: false, title: 'No model has answered this.' },
  connector_refused: { status: 502, retryable: false, title: 'The connected system refused the request.' },
  connector_unavailable: { status: 503, retryable: true, title: 'The connected system does not answer.' },
  address_refused: {
    status: 422,
    retryable: false,
    title: 'This address is not on the public internet, or is no address.',
  },
  credential_missing: {
    status: 422,
    retryable: false,
    title: 'The credential that this needs is not there.',
  },
  credential_refused: {
    status: 422,
    retryable: false,
    title: 'This credential may not be sent to that address.',
  },
  credential_in_use: { status: 409, retryable: false, title: 'A published automation uses this credential.' },
  guardrail_in_use: { status: 409, retryable: false, title: 'A route or a rule calls for this guardrail.' },
  provider_in_use: { status: 409, retryable: false, title: 'A route leads to this provider.' },
  not_assigned: { status: 403, retryable: false, title: 'This approval waits for somebody else.' },
  not_delegable: { status: 409, retryable: false, title: 'This approval may not be passed on.' },
  code_failed: { status: 422, retryable: false, title: 'The code did not run to its end.' },
  code_timed_out: { status: 422, retryable: false, title: 'The code took longer than it may.' },
  timed_out: { status: 422, retryable: false, title: 'The step took longer than its time limit.' },
  code_out_of_memory: { status: 422, retryable: false, title: 'The code took more memory than it may.' },
  mail_refused: { status: 502, retryable: false, title: 'The mail system refused the message for good.' },
  text_refused: { status: 502, retryable: false, title: 'This number takes no text messages.' },
  not_connected: { status: 409, retryable: false, title: 'No system of this kind is connected.' },
  demo_only: { status: 403, retryable: false, title: 'This is possible in demo mode only.' },
  sandbox_off: { status: 404, retryable: false, title: 'No sandbox is running here.' },
  unavailable: { status: 503, retryable: true, title: 'A part that this needs is not answering; try again.' },
  internal: { status: 500, retryable: true, title: 'Something went wrong on our side.' },
} as const satisfies Record<string, { status: number; retryable: boolean; title: string }>

export type ErrorCode = keyof typeof errors

/** A field that was refused: where it is (JSON pointer) and what is wrong with it. */
export type Issue = { path: string; message: string }

/** A refusal or failure with a code of the table; `detail` and `extra` are safe to show to the caller. */
export class Fault extends Error {
  override name = 'Fault'
  readonly code: ErrorCode
  readonly detail: string | undefined
  readonly extra: Readonly<Record<string, unknown>>

  constructor(code: ErrorCode, detail?: string, extra: Record<string, unknown> = {}, cause?: unknown) {
    super(detail ?? errors[code].title, cause === undefined ? undefined : { cause })
    this.code = code
    this.detail = detail
    this.extra = extra
  }
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
/** gRPC DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED and UNAVAILABLE. */
const awayStatuses = new Set<unknown>([4, 8, 14])

/** Postgres or Temporal is not there right now, or has too much to do: who asks may simply try again. */
export const isAway = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false
  const code = 'code' in error ? error.code : undefined
  if ((typeof code === 'string' && awayCodes.has(code)) || awayStatuses.has(code)) return true
  if (/Connection terminated|timeout exceeded when trying to connect/.test(error.message)) return true
  return isAway(error.cause)
}

export const isFault = (error: unknown): error is Fault => error instanceof Fault
