import type { ReceiptRow, ReceiptStatus } from '#schemas/ingress.ts'

export type ReceiptFilter = { status: ReceiptStatus | ''; source: string; text: string }

const statusWords: Record<ReceiptStatus, string> = {
  accepted: 'Accepted',
  running: 'Running',
  waiting: 'Waiting for a person',
  completed: 'Completed',
  failed: 'Failed',
  cancelled: 'Cancelled',
  quarantined: 'Quarantined',
  discarded: 'Discarded',
}
export const statusOptions = [
  { value: '', label: 'Any status' },
  ...Object.entries(statusWords).map(([value, label]) => ({ value, label })),
]

/** Reads the filter out of an address; what it does not know is left out. */
export const readFilter = (params: Pick<URLSearchParams, 'get'>): ReceiptFilter => {
  const status = params.get('status') ?? ''
  return {
    status: Object.hasOwn(statusWords, status) ? (status as ReceiptStatus) : '',
    source: params.get('source') ?? '',
    text: params.get('text') ?? '',
  }
}

/** What of the filter is set, as an address and the API take it. */
export const askedOf = (filter: ReceiptFilter): Partial<{ status: ReceiptStatus; source: string; text: string }> =>
  Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== ''))

export const writeFilter = (filter: ReceiptFilter): string => {
  const query = new URLSearchParams(askedOf(filter)).toString()
  return query === '' ? '' : `?${query}`
}

export const passes = (row: ReceiptRow, { status, source, text }: ReceiptFilter): boolean => {
  if (status !== '' && row.status !== status) return false
  if (source !== '' && row.source !== source) return false
  const said = [row.id, row.title, row.webhookId, row.source].map((part) => part.toLowerCase())
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => said.some((part) => part.includes(word)))
}
