import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { readAsked, readForm, type Asked, type Unread } from '#activities/gateway/relay/asked.ts'
import { boundaryOf } from '#activities/gateway/relay/form.ts'
import type { Relay } from '#activities/gateway/relay/index.ts'
import { inForms } from '#activities/gateway/relay/media.ts'
import type { Sink } from '#activities/gateway/relay/sink.ts'
import { speeches } from '#activities/gateway/relay/speech.ts'
import type { Caller, Models } from '#activities/gateway/store-known.ts'
import type { Log } from '#activities/log.ts'
import type { Operation } from '#schemas/gateway/kinds/kind.ts'
import { failure, type Failure } from '#schemas/gateway/wires/failure.ts'
import { Told, visit, type Door, type Keeping } from './door.ts'
import { receiveForm } from './form.ts'
import { answerJson, modelsIn } from './models.ts'
import { batchDoors } from './serve-batches.ts'
import { fileDoors } from './serve-files.ts'
import { messageBatchDoors } from './serve-message-batches.ts'

const [openai, anthropic] = ['/gateway/openai/v1', '/gateway/anthropic/v1']
const operations: Readonly<Record<string, Operation>> = {
  [`${openai}/chat/completions`]: 'chat',
  [`${openai}/responses`]: 'responses',
  [`${openai}/completions`]: 'completions',
  [`${openai}/embeddings`]: 'embeddings',
  [`${openai}/moderations`]: 'moderations',
  [`${openai}/images/generations`]: 'images',
  [`${openai}/images/edits`]: 'image_edits',
  [`${openai}/images/variations`]: 'image_variations',
  [`${openai}/audio/speech`]: 'speech',
  [`${openai}/audio/transcriptions`]: 'transcriptions',
  [`${openai}/audio/translations`]: 'translations',
  [`${anthropic}/messages`]: 'messages',
  [`${anthropic}/messages/count_tokens`]: 'count_tokens',
}
/** Which models there are, or one of them. */
const modelsAt = /^\/gateway\/(?:openai|anthropic)\/v1\/models(?:\/(.+))?$/
/** In whose words somebody is refused before it is known what they ask. */
const wordsAt = (path: string) => (path.startsWith(`${anthropic}/`) ? 'messages' : 'chat')
const doors: readonly Door[] = [...fileDoors, ...batchDoors, ...messageBatchDoors]
/** The most bytes of a request: long prompts carry images. */
const mostBytes = 32 * 1024 * 1024

/**
 * The gateway's own door: plain Node, since each request that comes through it is passed on at once, and a layer that is
 * made for pages and JSON answers costs as much as all the rest (`npm run bench -- gateway`).
 */
export const serveGateway =
  (relay: Relay, log: Log, keeping: Keeping | null = null): RequestListener =>
  (request, response) => {
    answer(relay, keeping, request, response).catch((error: unknown) => {
      if (error instanceof Told && !response.headersSent) {
        request.resume()
        return refuse(response, pathOf(request), error.failure)
      }
      // who sends goes away in the midst of it
      if (request.destroyed && !request.complete) return response.destroy()
      log.error('the gateway could not answer', { error })
      if (response.headersSent) response.destroy()
      else refuse(response, pathOf(request), failure('internal', 'Something went wrong on our side.'))
    })
  }

const answer = async (
  relay: Relay,
  keeping: Keeping | null,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const arrived = performance.now()
  const path = pathOf(request)
  const operation = operations[path]
  const listed = operation === undefined ? modelsAt.exec(path) : null
  const door = operation === undefined && listed === null ? doors.find((one) => one.path.test(path)) : undefined
  if (door !== undefined && keeping !== null) return keptAt(door, relay, keeping, request, response)
  if (operation === undefined && listed === null)
    return refuse(response, path, failure('not_found', `There is nothing at ${path}.`))
  const method = listed === null ? 'POST' : 'GET'
  if (request.method !== method)
    return refuse(response, path, failure('invalid', `${path} takes ${method}.`, { status: 405 }))
  const boundary =
    operation !== undefined && inForms.has(operation) ? boundaryOf(request.headers['content-type'] ?? '') : undefined
  // a form may be large, and is not read before it is known who sends it
  const body = boundary === undefined ? readBody(request) : unread
  // who goes away before it is looked at is refused already
  body.catch(() => {})
  const secret = secretOf(request)
  const caller = secret === undefined ? null : await relay.knowledge.caller(secret)
  if (caller === null) return refuse(response, path, unknownKey)
  const models = await relay.knowledge.models(caller.tenant)
  if (operation === undefined) {
    const told = modelsIn(wordsAt(path), caller, models, listed?.[1])
    return 'class' in told ? refuse(response, path, told) : answerJson(response, told.body)
  }
  const asked =
    boundary === undefined ? await askedIn(operation, body, request) : await askedInForm(operation, boundary, request)
  if (asked === null) return
  if ('class' in asked) {
    // what is left of it is let go
    request.resume()
    return refuse(response, path, asked)
  }
  if (!('why' in asked)) {
    asked.told = request.headers
    asked.arrived = arrived
    return pass(relay, caller, models, asked, response)
  }
  const { why, param } = asked
  refuse(response, path, failure('invalid', why, param === null ? {} : { param }))
}

/** What is kept here, files and batches. */
const keptAt = async (
  door: Door,
  relay: Relay,
  keeping: Keeping,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const path = pathOf(request)
  const answers = door.methods[request.method ?? '']
  if (answers === undefined)
    return refuse(
      response,
      path,
      failure('invalid', `${path} takes ${Object.keys(door.methods).join(' and ')}.`, { status: 405 }),
    )
  const secret = secretOf(request)
  const caller = secret === undefined ? null : await relay.knowledge.caller(secret)
  if (caller === null) return refuse(response, path, unknownKey)
  const id = decoded(door.path.exec(path)?.[1] ?? '')
  const query = new URL(request.url ?? '', 'http://localhost').searchParams
  await visit(keeping, answers, { caller, id, query, request, response })
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const unread = Promise.resolve(null)

const askedIn = async (
  operation: Operation,
  body: Promise<Buffer | null>,
  request: IncomingMessage,
): Promise<Asked | Unread | Failure> => {
  const bytes = await body
  if (bytes === null) return failure('too_large', `The body has more than ${mostBytes} bytes.`)
  const asked = readAsked(operation, bytes, headersOf(request, operation), drops(request))
  const isUnread = 'why' in asked && asked.param === null && inForms.has(operation)
  return isUnread ? failure('invalid', 'This takes a form, as multipart/form-data with a boundary.') : asked
}

/** The same of a form; null where who sends it is gone. */
const askedInForm = async (
  operation: Operation,
  boundary: string,
  request: IncomingMessage,
): Promise<Asked | Unread | Failure | null> => {
  const form = await receiveForm(request, boundary)
  return form === null || 'class' in form ? form : readForm(operation, form, drops(request))
}

const unknownKey = failure('unauthenticated', 'This key is unknown, revoked or has run out.', {
  code: 'invalid_api_key',
})

const pathOf = ({ url = '' }: IncomingMessage): string => {
  const end = url.indexOf('?')
  return end === -1 ? url : url.slice(0, end)
}

const none = {}
/** Those that are meant for a provider of the same wire. */
const headersOf = ({ headers }: IncomingMessage, operation: Operation): Readonly<Record<string, string>> => {
  const names = speeches[operation].headers
  if (names.length === 0) return none
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = headers[name]
      return typeof value === 'string' ? [[name, value]] : []
    }),
  )
}

const drops = ({ headers }: IncomingMessage): boolean => headers['x-auterity-unsaid'] === 'drop'

const pass = (relay: Relay, caller: Caller, models: Models, asked: Asked, response: ServerResponse): void => {
  let over = false
  const underWay = relay.ask(caller, models, asked, sinkOf(response, relay), () => {
    over = true
  })
  response.once('close', () => {
    if (!over) underWay.abandon()
  })
}

const sinkOf = (response: ServerResponse, { kept }: Pick<Relay, 'kept'>): Sink => ({
  begin: (status, headers) => void response.writeHead(status, headers),
  write: (bytes) => response.write(bytes),
  end: (bytes) => kept(() => void response.end(bytes)),
  cut: () => void response.destroy(),
  drained: (go) => void response.once('drain', go),
})

/** OpenAI's clients send `Authorization: Bearer`, Azure's `api-key`, Anthropic's `x-api-key`. */
const secretOf = ({ headers }: IncomingMessage): string | undefined => {
  const bearer = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1]
  const given = bearer ?? headers['x-api-key'] ?? headers['api-key']
  return typeof given === 'string' && given.startsWith('sk-aut-') ? given : undefined
}

/** The body; null for one that is too large, of which the rest is read and let go. */
const readBody = (request: IncomingMessage): Promise<Buffer | null> =>
  new Promise((resolve, reject) => {
    let pieces: Buffer[] = []
    let size = 0
    request.on('data', (piece: Buffer) => {
      size += piece.length
      if (size > mostBytes) pieces = []
      else pieces.push(piece)
    })
    request.once('end', () => {
      const [only] = pieces
      resolve(size > mostBytes ? null : pieces.length === 1 && only !== undefined ? only : Buffer.concat(pieces))
    })
    request.once('error', reject)
  })

const refuse = (response: ServerResponse, path: string, why: Failure): void => {
  const { status, body } = speeches[wordsAt(path)].refuse(why)
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(body)
}
