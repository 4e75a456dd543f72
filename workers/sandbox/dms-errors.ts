export type DmsStatus = 400 | 401 | 403 | 404 | 412 | 415 | 428

/** An error of the gateway or the API behind it, in the vendor's codes. */
export class DmsError extends Error {
  override name = 'DmsError'
  readonly status: DmsStatus
  readonly code: string

  constructor(status: DmsStatus, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

export const dmsErrorBody = (code: string, message: string): object => ({ code, message })

/** Writing wants the tag of what was read: 428 without one, 412 when it is stale. */
export const refuseStale = (tag: string, ifMatch: string | undefined): void => {
  if (ifMatch === undefined) throw new DmsError(428, 'PRECONDITION-REQUIRED', 'The If-Match header is required')
  if (ifMatch !== tag) throw new DmsError(412, 'PRECONDITION-FAILED', 'It was changed since it was read')
}
