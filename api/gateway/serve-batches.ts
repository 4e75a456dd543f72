import { withTenant } from '#activities/database.ts'
import { findFile } from '#activities/gateway/store-files.ts'
import {
  cancelBatch,
  findBatchOf,
  listBatchesOf,
  requestModelBatch,
  type ModelBatchRow,
} from '#activities/gateway/store-model-batches.ts'
import { endpointNames } from '#schemas/gateway/batch-lines.ts'
import type { ModelBatchState } from '#schemas/gateway/batches.ts'
import { ctxOf, jsonOf, limitOf, nothingCalled, refused, Told, type Answers, type Door } from './door.ts'
import { endSoon, startSoon } from './start-batch.ts'
import { failure } from '#schemas/gateway/wires/failure.ts'

const statuses: Readonly<Record<ModelBatchState, string>> = {
  reading: 'validating',
  running: 'in_progress',
  cancelling: 'cancelling',
  completed: 'completed',
  failed: 'failed',
  expired: 'expired',
  cancelled: 'cancelled',
}

const seconds = (at: Date | null): number | null => (at === null ? null : Math.floor(at.getTime() / 1000))

const toBatch = (row: ModelBatchRow): object => {
  const { state, closed_at: closed } = row
  const closedAs = (which: ModelBatchState) => (state === which ? seconds(closed) : null)
  return {
    id: row.id,
    object: 'batch',
    endpoint: row.endpoint,
    errors: row.problems === null ? null : { object: 'list', data: row.problems },
    input_file_id: row.file_id,
    completion_window: '24h',
    status: statuses[state],
    output_file_id: row.output_file,
    error_file_id: row.error_file,
    created_at: seconds(row.created_at),
    in_progress_at: seconds(row.running_at),
    expires_at: seconds(row.expires_at),
    finalizing_at: closedAs('completed'),
    completed_at: closedAs('completed'),
    failed_at: closedAs('failed'),
    expired_at: closedAs('expired'),
    cancelling_at: seconds(row.cancelling_at),
    cancelled_at: closedAs('cancelled'),
    request_counts: {
      total: row.total,
      completed: row.succeeded,
      failed: row.errored + row.canceled + row.expired,
    },
    metadata: row.metadata,
  }
}

const metadataOf = (given: unknown): Record<string, string> | null => {
  if (given === undefined || given === null) return null
  const entries = typeof given === 'object' && !Array.isArray(given) ? Object.entries(given) : null
  if (
    entries === null ||
    entries.length > 16 ||
    entries.some(([key, value]) => key.length > 64 || typeof value !== 'string' || value.length > 512)
  )
    throw refused('metadata has 16 texts at the most, of 512 characters each, under names of 64.', 'metadata')
  return given as Record<string, string>
}

const create: Answers = async (keeping, { caller, request }) => {
  const body = await jsonOf(request)
  const { input_file_id: id, endpoint, completion_window: within } = body
  if (typeof endpoint !== 'string' || !(endpointNames as string[]).includes(endpoint))
    throw refused(`endpoint is one of ${endpointNames.join(', ')}.`, 'endpoint')
  if (within !== '24h') throw refused('completion_window is 24h.', 'completion_window')
  const metadata = metadataOf(body['metadata'])
  const file = typeof id === 'string' ? await findFile(keeping.db, caller, id) : null
  if (file === null)
    throw new Told(failure('invalid', `There is no file “${String(id).slice(0, 100)}”.`, { param: 'input_file_id' }))
  if (file.purpose !== 'batch') throw refused('The purpose of the file is not “batch”.', 'input_file_id')
  const ctx = ctxOf(caller)
  const row = await withTenant(keeping.db, ctx, (tx) =>
    requestModelBatch(tx, ctx, { wire: 'chat', endpoint, key: caller.key, name: file.name, file: file.id, metadata }),
  )
  await startSoon(keeping, { tenant: caller.tenant, batch: row.id })
  return toBatch(row)
}

const list: Answers = async ({ db }, { caller, query }) => {
  const limit = limitOf(query, 20, 100)
  const rows = await listBatchesOf(db, caller, 'chat', { after: query.get('after') ?? undefined, limit })
  const data = rows.slice(0, limit)
  const [first, last] = [data[0]?.id ?? null, data.at(-1)?.id ?? null]
  return { object: 'list', data: data.map(toBatch), has_more: rows.length > limit, first_id: first, last_id: last }
}

const get: Answers = async ({ db }, { caller, id }) => {
  const row = await findBatchOf(db, caller, 'chat', id)
  if (row === null) throw nothingCalled('batch', id)
  return toBatch(row)
}

const cancel: Answers = async (keeping, { caller, id }) => {
  const row = await findBatchOf(keeping.db, caller, 'chat', id)
  if (row === null) throw nothingCalled('batch', id)
  const ended = await withTenant(keeping.db, caller, (tx) => cancelBatch(tx, caller, id))
  if (ended === null && row.state !== 'cancelling')
    throw new Told(failure('conflict', `This batch is ${statuses[row.state]} already.`))
  await endSoon(keeping, id)
  return toBatch(ended ?? row)
}

/** OpenAI's batches, as of its API reference: "Batch". They are worked through here, whoever answers for models. */
export const batchDoors: readonly Door[] = [
  { path: /^\/gateway\/openai\/v1\/batches$/, methods: { POST: create, GET: list } },
  { path: /^\/gateway\/openai\/v1\/batches\/([^/]+)$/, methods: { GET: get } },
  { path: /^\/gateway\/openai\/v1\/batches\/([^/]+)\/cancel$/, methods: { POST: cancel } },
]
