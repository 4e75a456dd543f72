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
