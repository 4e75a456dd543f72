import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Asked = {
  path: string
  headers: IncomingMessage['headers']
  bytes: Buffer
  text: string
  body: Record<string, unknown>
}
export type Behaviour = (response: ServerResponse, asked: Asked) => void

export type TestUpstream = AsyncDisposable & {
  readonly url: string
  /** What it was asked, in order. */
  readonly asked: Asked[]
  /** How many it was asked for that went away before their end. */
  readonly abandoned: number
  /** How it answers the next requests, one each; then it answers well again. */
  next(...behaviours: Behaviour[]): void
  /** Forgets what it was asked and told, and lets go of whoever is still there. */
  beginAnew(): void
}

/** A provider that does what a test tells it to, and otherwise answers as `usually`: on OpenAI's wire if it is not said. */
export async function startUpstream(usually: Behaviour = well): Promise<TestUpstream> {
  let now = { coming: [] as Behaviour[], asked: [] as Asked[], abandoned: 0 }
  const hear = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    // looked at, not asked
    if (request.method === 'GET') return json(200, { object: 'list', data: [] })(response)
    const test = now
    response.once('close', () => {
      if (!response.writableFinished) test.abandoned++
    })
    const pieces: Buffer[] = []
    for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece)
    const bytes = Buffer.concat(pieces)
    const text = bytes.toString()
    const isForm = request.headers['content-type']?.startsWith('multipart/') === true
    const body = isForm ? {} : (JSON.parse(text) as Asked['body'])
    const one = { path: request.url ?? '', headers: request.headers, bytes, text, body }
    test.asked.push(one)
    ;(test.coming.shift() ?? usually)(response, one)
  }
  const server = createServer((request, response) => void hear(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    get asked() {
      return now.asked
    },
    get abandoned() {
      return now.abandoned
    },
    next: (...behaviours) => void now.coming.push(...behaviours),
    beginAnew() {
      now = { coming: [], asked: [], abandoned: 0 }
      server.closeAllConnections()
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

export const words = ['The', ' north', ' lot', ' has', ' two.']
const usage = {
  prompt_tokens: 1000,
  completion_tokens: 100,
  total_tokens: 1100,
  prompt_tokens_details: { cached_tokens: 500 },
  completion_tokens_details: { reasoning_tokens: 20 },
}
const base = { id: 'chatcmpl-1', created: 1_795_000_000, model: 'gpt-5-mini-2025-08-07' }

/** Answers as it should, whole or as a stream. */
export const well: Behaviour = (response, { path, body }) => {
  if (path.endsWith('/embeddings')) {
    const data = [{ object: 'embedding', index: 0, embedding: [0.25, -0.5] }]
    return json(200, {
      object: 'list',
      model: 'text-embedding-3-small',
      data,
      usage: { prompt_tokens: 8, total_tokens: 8 },
    })(response)
  }
  if (body['stream'] === true) {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
    for (const event of chunksOf(body)) response.write(event)
    return response.end('data: [DONE]\n\n')
  }
  const message = { role: 'assistant', content: words.join(''), refusal: null }
  const choices = [{ index: 0, message, finish_reason: 'stop', logprobs: null }]
  return json(200, { ...base, object: 'chat.completion', choices, usage })(response)
}

/** The events of a good stream before `[DONE]`; those who ask for the usage get it as OpenAI tells it. */
export const chunksOf = (body: Record<string, unknown>): string[] => {
  const told = (body['stream_options'] as { include_usage?: boolean } | undefined)?.include_usage === true
  const chunk = (choices: object[], more: object = {}) =>
    `data: ${JSON.stringify({ ...base, object: 'chat.completion.chunk', choices, ...more })}\n\n`
  const nothing = told ? { usage: null } : {}
  return [
    chunk([{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }], nothing),
    ...words.map((content) => chunk([{ index: 0, delta: { content }, finish_reason: null }], nothing)),
    chunk([{ index: 0, delta: {}, finish_reason: 'stop' }], nothing),
    ...(told ? [chunk([], { usage })] : []),
  ]
}

export const json =
  (status: number, body: unknown, headers: Record<string, string> = {}) =>
  (response: ServerResponse): void => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
  }

/** Sends the first `count` events of a stream, and then what `after` does. */
export const partly =
  (count: number, after: (response: ServerResponse) => void): Behaviour =>
  (response, { body }) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const events = chunksOf(body).slice(0, count)
    for (const event of events) response.write(event)
    // what was written is on its way before the rest happens
    response.write('', () => after(response))
  }
