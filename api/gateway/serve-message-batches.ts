import { withTenant } from '#activities/database.ts'
import { addLines, linesOf } from '#activities/gateway/store-batch-lines.ts'
import {
  cancelBatch,
  deleteBatch,
  findBatchOf,
  listBatchesOf,
  requestModelBatch,
  type ModelBatchRow,
} from '#activities/gateway/store-model-batches.ts'
import { bodyProblem, fileLimits, type Line } from '#schemas/gateway/batch-lines.ts'
import { failure } from '#schemas/gateway/wires/failure.ts'
import { isObject } from '#schemas/automation/json.ts'
import {
  ctxOf,
  jsonOf,
  limitOf,
  nothingCalled,
  pipe,
  refused,
  Told,
  type Answers,
  type Door,
  type Visit,
} from './door.ts'
import { endSoon, startSoon } from './start-batch.ts'

const iso = (at: Date | null): string | null => at?.toISOString() ?? null

/** Where who asks has come from: by that name it finds the results again. */
const originOf = ({ headers, socket }: Visit['request']): string => {
  const forwarded = headers['x-forwarded-proto']
  const scheme = typeof forwarded === 'string' ? forwarded.split(',')[0] : 'encrypted' in socket ? 'https' : 'http'
  return `${scheme}://${headers.host ?? 'localhost'}`
}

const toBatch = (row: ModelBatchRow, visitor: Pick<Visit, 'request'>): object => {
  const { id, total, succeeded, errored, canceled, expired, closed_at: closed } = row
  return {
    id,
    type: 'message_batch',
    processing_status: closed !== null ? 'ended' : row.state === 'cancelling' ? 'canceling' : 'in_progress',
    request_counts: {
      processing: closed === null ? total - succeeded - errored : 0,
      succeeded,
      errored,
      canceled,
      expired,
    },
    created_at: iso(row.created_at),
    expires_at: iso(row.expires_at),
    ended_at: iso(closed),
    archived_at: null,
    cancel_initiated_at: iso(row.cancelling_at),
    results_url:
      closed === null ? null : `${originOf(visitor.request)}/gateway/anthropic/v1/messages/batches/${id}/results`,
  }
}

const linesIn = (requests: unknown): Line[] => {
  if (!Array.isArray(requests) || requests.length === 0) throw refused('requests is a list of one or more.', 'requests')
  if (requests.length > fileLimits.lines)
    throw refused(`A batch has ${fileLimits.lines} requests at the most.`, 'requests')
  const known = new Set<string>()
  return (requests as unknown[]).map((one, n) => {
    const { custom_id: custom, params } = isObject(one) ? one : {}
    if (typeof custom !== 'string' || !/^[\w-]{1,64}$/.test(custom))
      throw refused(`requests.${n}.custom_id is made of 1 to 64 letters, digits, _ and -.`)
    if (known.has(custom)) throw refused(`requests.${n}.custom_id stands in an earlier one already.`)
    known.add(custom)
    const why = bodyProblem(params)
    if (why !== null) throw refused(`requests.${n}.${why.param.replace('body', 'params')}: ${why.message}`)
    return { custom, body: JSON.stringify(params) }
  })
}

/** How many lines are written down in one statement. */
const together = 200
const along = ['anthropic-version', 'anthropic-beta'] as const

const create: Answers = async (keeping, { caller, request }) => {
  const lines = linesIn((await jsonOf(request))['requests'])
  const ctx = ctxOf(caller)
  const headers = Object.fromEntries(
    along.flatMap((name) => (typeof request.headers[name] === 'string' ? [[name, request.headers[name]]] : [])),
  )
  const row = await withTenant(keeping.db, ctx, async (tx) => {
    const wish = {
      wire: 'messages' as const,
      endpoint: '/v1/messages',
      key: caller.key,
      along: headers,
      total: lines.length,
    }
    const made = await requestModelBatch(tx, ctx, wish)
    for (let n = 0; n < lines.length; n += together)
      await addLines(tx, keeping.seal, { tenant: ctx.tenant, batch: made.id }, lines.slice(n, n + together), n)
    return made
  })
  await startSoon(keeping, { tenant: caller.tenant, batch: row.id })
  return toBatch(row, { request })
}

const list: Answers = async ({ db }, { caller, query, request }) => {
  const limit = limitOf(query, 20, 1000)
  const [after, before] = [query.get('after_id') ?? undefined, query.get('before_id') ?? undefined]
  const rows = await listBatchesOf(db, caller, 'messages', { after, before, limit })
  const data = rows.slice(0, limit)
  if (before !== undefined) data.reverse()
  const told = data.map((row) => toBatch(row, { request }))
  return { data: told, has_more: rows.length > limit, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null }
}

const found = async (
  keeping: Parameters<Answers>[0],
  { caller, id }: Pick<Visit, 'caller' | 'id'>,
): Promise<ModelBatchRow> => {
  const row = await findBatchOf(keeping.db, caller, 'messages', id)
  if (row === null) throw nothingCalled('batch', id)
  return row
}

const get: Answers = async (keeping, visitor) => toBatch(await found(keeping, visitor), visitor)

const cancel: Answers = async (keeping, visitor) => {
  const row = await found(keeping, visitor)
  const ended = await withTenant(keeping.db, visitor.caller, (tx) => cancelBatch(tx, visitor.caller, row.id))
  if (ended !== null) await endSoon(keeping, row.id)
  return toBatch(ended ?? row, visitor)
}

const remove: Answers = async (keeping, visitor) => {
  const { id } = await found(keeping, visitor)
  if (!(await deleteBatch(keeping.db, visitor.caller.tenant, id)))
    throw new Told(failure('invalid', 'This batch has not ended yet; cancel it first.'))
  return { id, type: 'message_batch_deleted' }
}

const results: Answers = async (keeping, visitor) => {
  const { id, tenant_id: tenant, closed_at: closed } = await found(keeping, visitor)
  if (closed === null) throw new Told(failure('not_found', 'This batch has no results yet: it has not ended.'))
  const texts = async function* () {
    for await (const { text } of linesOf(keeping.db, keeping.seal, { tenant, batch: id }, null)) yield Buffer.from(text)
  }
  return pipe(visitor.response, 'application/x-jsonl', texts())
}

/** Anthropic's batches, as of the Claude API reference: "Message Batches". They are worked through here, whoever answers for models. */
export const messageBatchDoors: readonly Door[] = [
  { path: /^\/gateway\/anthropic\/v1\/messages\/batches$/, methods: { POST: create, GET: list } },
  { path: /^\/gateway\/anthropic\/v1\/messages\/batches\/([^/]+)$/, methods: { GET: get, DELETE: remove } },
  { path: /^\/gateway\/anthropic\/v1\/messages\/batches\/([^/]+)\/cancel$/, methods: { POST: cancel } },
  { path: /^\/gateway\/anthropic\/v1\/messages\/batches\/([^/]+)\/results$/, methods: { GET: results } },
]
