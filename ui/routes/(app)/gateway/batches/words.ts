import type { Endpoint } from '#schemas/gateway/batch-lines.ts'
import type { ModelBatch, ModelBatchState } from '#schemas/gateway/batches.ts'
import type { BadgeTone } from '#ui/lib/parts/Badge.svelte'

export const stateWords: Readonly<Record<ModelBatchState, { title: string; tone: BadgeTone }>> = {
  reading: { title: 'Reading', tone: 'queued' },
  running: { title: 'Running', tone: 'running' },
  cancelling: { title: 'Ending', tone: 'cancelled' },
  completed: { title: 'Completed', tone: 'completed' },
  failed: { title: 'Not begun', tone: 'failed' },
  expired: { title: 'Expired', tone: 'failed' },
  cancelled: { title: 'Cancelled', tone: 'cancelled' },
}

const endpointWords: Readonly<Record<Endpoint, string>> = {
  '/v1/chat/completions': 'Chat completions',
  '/v1/responses': 'Responses',
  '/v1/completions': 'Completions',
  '/v1/embeddings': 'Embeddings',
  '/v1/moderations': 'Moderations',
  '/v1/images/generations': 'Images',
}
export const endpointText = (endpoint: string): string =>
  (endpointWords as Record<string, string>)[endpoint] ?? 'Messages'
export const endpointOptions = Object.entries(endpointWords).map(([value, label]) => ({ value, label }))

export const titleOf = ({ name, id }: Pick<ModelBatch, 'name' | 'id'>): string => name ?? `Batch …${id.slice(-8)}`

/** How many lines have come to an end, however. */
export const endedOf = ({ succeeded, errored, canceled, expired }: ModelBatch): number =>
  succeeded + errored + canceled + expired

export const isOpen = ({ state }: ModelBatch): boolean =>
  state === 'reading' || state === 'running' || state === 'cancelling'

/** How far it is, in words. */
export const progressText = (batch: ModelBatch): string => {
  if (batch.state === 'reading') return 'Its lines are being read'
  if (batch.state === 'failed') return 'No line was asked'
  const lines = `${endedOf(batch).toLocaleString('en')} of ${batch.total.toLocaleString('en')} lines`
  return isOpen(batch)
    ? `${lines} answered`
    : `${batch.succeeded.toLocaleString('en')} of ${batch.total.toLocaleString('en')} lines answered well`
}

/** What became of its lines, for a bar and its legend. */
export const sharesOf = (batch: ModelBatch) => [
  { id: 'succeeded', title: 'Answered', count: batch.succeeded, bar: 'bg-completed' },
  { id: 'errored', title: 'Went wrong', count: batch.errored, bar: 'bg-failed' },
  { id: 'ended', title: 'Not asked', count: batch.canceled + batch.expired, bar: 'bg-cancelled' },
]
