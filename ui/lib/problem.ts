import type { ErrorCode } from '#schemas/errors.ts'
import type { Problem as Document } from '#schemas/http.ts'

/** A refused request, from its problem document (RFC 9457). */
export class Problem extends Error {
  override name = 'Problem'
  readonly code: ErrorCode | 'unreadable'
  readonly title: string
  readonly detail: string | undefined
  readonly requestId: string | undefined
  readonly status: number
  /** What is wrong with each field, by JSON pointer. */
  readonly issues: readonly { path: string; message: string }[]
  /** Of an approval that somebody else was quicker with: who. */
  readonly decidedBy: string | undefined
  /** What else the document says: of a draft that has moved on, the one that stands. */
  readonly extra: Readonly<Record<string, unknown>>

  constructor(status: number, document: Partial<Document>, requestId?: string) {
    const title = document.title ?? `The server answered ${status}.`
    super(document.detail ?? title)
    this.status = status
    this.title = title
    this.code = (document.code as ErrorCode | undefined) ?? 'unreadable'
    this.detail = document.detail
    this.requestId = document.requestId ?? requestId
    this.issues = document.issues ?? []
    this.extra = document
    const by: unknown = document['decidedBy']
    this.decidedBy = by !== null && typeof by === 'object' && 'name' in by ? String(by.name) : undefined
  }

  /** The sentence on one field, if it was refused: `problem.on('email')`. */
  on(field: string): string | undefined {
    return this.issues.find((issue) => issue.path === `/body/${field}`)?.message
  }
}

export const isProblem = (error: unknown): error is Problem => error instanceof Problem

/** Reads a refused response; a body that is no problem document (a proxy's page) still gives a Problem. */
export const readProblem = async (response: Response): Promise<Problem> => {
  const requestId = response.headers.get('x-request-id') ?? undefined
  const isJson = response.headers.get('content-type')?.includes('json') ?? false
  const document: unknown = isJson ? await response.json().catch(() => ({})) : {}
  return new Problem(response.status, document !== null && typeof document === 'object' ? document : {}, requestId)
}

/** Nothing answered: no network, or the API is down. */
export const unreachable = (): Problem =>
  new Problem(0, {
    code: 'unavailable',
    title: 'The server does not answer.',
    detail: 'Check your connection; nothing that was saved is lost.',
  })
