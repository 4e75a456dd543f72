import { FormReader, boundaryOf, Unreadable } from '#activities/gateway/relay/form.ts'
import {
  addPart,
  beginFile,
  contentOf,
  deleteFile,
  dropFile,
  endFile,
  filesLast,
  findFile,
  listFiles,
  type FileRow,
} from '#activities/gateway/store-files.ts'
import { isFault } from '#schemas/errors.ts'
import { fileLimits } from '#schemas/gateway/batch-lines.ts'
import { failure } from '#schemas/gateway/wires/failure.ts'
import { limitOf, nothingCalled, pipe, refused, Told, type Answers, type Door } from './door.ts'

/** How many bytes of a file are sealed together. */
const partBytes = 1024 * 1024
const purposes = new Set(['assistants', 'batch', 'fine-tune', 'vision', 'user_data', 'evals'])
/** How long somebody may have a file kept, in seconds. */
const kept = { least: 3600, most: 2_592_000 }

const seconds = (at: Date): number => Math.floor(at.getTime() / 1000)

const toFile = ({ id, name, purpose, bytes, created_at: made, expires_at: ends }: FileRow): object => ({
  id,
  object: 'file',
  bytes: Number(bytes),
  created_at: seconds(made),
  expires_at: seconds(ends),
  filename: name,
  purpose: purpose === 'batch_errors' ? 'batch_output' : purpose,
  status: 'processed',
  status_details: null,
})

/** Takes in a file while it is sent: it is sealed part by part, and never held whole. */
const create: Answers = async ({ db, seal }, { caller, request }) => {
  const boundary = boundaryOf(request.headers['content-type'] ?? '')
  if (boundary === undefined) throw refused('A file is sent in a form (multipart/form-data).')
  if (Number(request.headers['content-length'] ?? 0) > fileLimits.bytes + partBytes) throw tooLarge()
  const { tenant } = caller
  let id: string | null = null
  let name = ''
  let waiting: Buffer[] = []
  let [size, held, parts] = [0, 0, 0]
  const reader = new FormReader(boundary, {
    begins(file) {
      if (file.field !== 'file' || name !== '') throw refused('There is one file in the form, called “file”.', 'file')
      name = file.name === '' ? 'file' : file.name
    },
    data(bytes) {
      waiting.push(bytes)
      size += bytes.length
      held += bytes.length
    },
    ends() {},
  })
  const flush = async () => {
    if (held === 0) return
    id ??= await beginFile(db, caller, name)
    await addPart(db, seal, tenant, id, parts++, Buffer.concat(waiting))
    waiting = []
    held = 0
  }
  try {
    for await (const piece of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      reader.push(piece)
      if (size > fileLimits.bytes) throw tooLarge()
      if (held >= partBytes) await flush()
    }
    reader.close()
    if (name === '') throw refused('There is no file in the form.', 'file')
    if (size === 0) throw refused('The file is empty.', 'file')
    const said = wishOf(reader.fields)
    await flush()
    return toFile(await endFile(db, tenant, id ?? '', { bytes: size, ...said }))
  } catch (error) {
    if (id !== null) await dropFile(db, tenant, id)
    if (error instanceof Unreadable) throw refused(error.message)
    if (isFault(error) && error.code === 'too_large') throw new Told(failure('too_large', error.message))
    throw error
  }
}

const tooLarge = (): Told =>
  new Told(failure('too_large', `A file may have ${fileLimits.bytes} bytes, and this one has more.`))

/** What a form says of its file: what it is for, and how long it is kept. */
const wishOf = (fields: ReadonlyMap<string, readonly string[]>): { purpose: string; lasts: number } => {
  const purpose = fields.get('purpose')?.[0] ?? ''
  if (!purposes.has(purpose)) throw refused(`purpose is one of ${[...purposes].join(', ')}.`, 'purpose')
  const said = fields.get('expires_after[seconds]')?.[0]
  const anchor = fields.get('expires_after[anchor]')?.[0] ?? 'created_at'
  const ms = said === undefined ? filesLast : Number(said) * 1000
  if (anchor !== 'created_at' || !(ms >= kept.least * 1000 && ms <= kept.most * 1000))
    throw refused(`expires_after counts from created_at, ${kept.least} to ${kept.most} seconds.`, 'expires_after')
  return { purpose, lasts: ms }
}

const list: Answers = async ({ db }, { caller, query }) => {
  const limit = limitOf(query, 10_000, 10_000)
  const [after, purpose, order] = [
    query.get('after') ?? undefined,
    query.get('purpose') ?? undefined,
    query.get('order') ?? 'desc',
  ]
  if (order !== 'asc' && order !== 'desc') throw refused('order is asc or desc.', 'order')
  const rows = await listFiles(db, caller, { after, purpose, limit, newestFirst: order === 'desc' })
  const data = rows.slice(0, limit)
  const [first, last] = [data[0]?.id ?? null, data.at(-1)?.id ?? null]
  return { object: 'list', data: data.map(toFile), has_more: rows.length > limit, first_id: first, last_id: last }
}

const get: Answers = async ({ db }, { caller, id }) => {
  const row = await findFile(db, caller, id)
  if (row === null) throw nothingCalled('file', id)
  return toFile(row)
}

const content: Answers = async ({ db, seal }, { caller, id, response }) => {
  const row = await findFile(db, caller, id)
  if (row === null) throw nothingCalled('file', id)
  return pipe(response, 'application/octet-stream', contentOf(db, seal, row))
}

const remove: Answers = async ({ db }, { caller, id }) => {
  if (!(await deleteFile(db, caller, id))) throw nothingCalled('file', id)
  return { id, object: 'file', deleted: true }
}

/** OpenAI's files, as of its API reference: "Files". They are kept here, whoever answers for models. */
export const fileDoors: readonly Door[] = [
  { path: /^\/gateway\/openai\/v1\/files$/, methods: { POST: create, GET: list } },
  { path: /^\/gateway\/openai\/v1\/files\/([^/]+)$/, methods: { GET: get, DELETE: remove } },
  { path: /^\/gateway\/openai\/v1\/files\/([^/]+)\/content$/, methods: { GET: content } },
]
