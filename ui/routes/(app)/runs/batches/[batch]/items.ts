import type { BatchItem } from '#schemas/runs-batches.ts'

const became = ['open', 'completed', 'failed', 'cancelled', 'refused'] as const
export type Became = (typeof became)[number]

/** Which items an address asks for; all, where it says nothing that is known. */
export const readOnly = (text: string | null): Became | undefined => became.find((one) => one === text)

/** Whether an item is one of those; says the same as the API does. */
export const isOne = ({ state, refused }: Pick<BatchItem, 'state' | 'refused'>, only: Became | undefined): boolean => {
  if (only === undefined) return true
  if (only === 'refused') return refused !== null
  if (refused !== null || state === null) return false
  const open = state === 'queued' || state === 'running' || state === 'waiting'
  return only === 'open' ? open : state === only
}
