import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Client } from '@temporalio/client'
import type { Databases } from '#activities/database.ts'
import type { Caller } from '#activities/gateway/store-known.ts'
import type { Log } from '#activities/log.ts'
import type { Seal } from '#activities/seal.ts'
import type { Context } from '#schemas/tenancy.ts'
import { failure, type Failure } from '#schemas/gateway/wires/failure.ts'
import { answerJson } from './models.ts'

/** What files and batches are kept with. */
export type Keeping = { db: Databases; seal: Seal; temporal: Client; log: Log }

/** A refusal that is told in the words of the wire. */
export class Told extends Error {
  readonly failure: Failure

  constructor(of: Failure) {
    super(of.message)
    this.failure = of
  }
}

/** One request for what is kept: what of its path is an id, and what its query says. */
export type Visit = {
  caller: Caller
  id: string
  query: URLSearchParams
  request: IncomingMessage
  response: ServerResponse
}
export type Answers = (keeping: Keeping, visit: Visit) => Promise<object | null>

/** What is kept, by path; each answers with an object, or null where it has answered already. */
export type Door = { path: RegExp; methods: Readonly<Record<string, Answers>> }

export const nothingCalled = (what: string, id: string): Told =>
  new Told(failure('not_found', `There is no ${what} “${id.slice(0, 100)}”.`))

export const refused = (message: string, param?: string): Told =>
  new Told(failure('invalid', message, param === undefined ? {} : { param }))

/** In whose name something is written down. */
export const ctxOf = ({ tenant, key, name, user }: Caller): Context => ({
  tenant,
  actor: { kind: 'api_key', id: key ?? user?.id ?? 'gateway', ...(name === null ? {} : { name }) },
  scopes: [],
})

/** How many of a list are asked for. */
export const limitOf = (query: URLSearchParams, usual: number, most: number): number => {
  const said = query.get('limit')
  if (said === null) return usual
  const limit = Number(said)
  if (!Number.isInteger(limit) || limit < 1 || limit > most)
    throw refused(`limit is a number from 1 to ${most}.`, 'limit')
  return limit
}

/** The most bytes of a JSON body: Anthropic's batches come in one. */
const mostJson = 32 * 1024 * 1024

export async function jsonOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const pieces: Buffer[] = []
  let size = 0
  for await (const piece of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += piece.length
    if (size > mostJson) throw new Told(failure('too_large', `The body has more than ${mostJson} bytes.`))
    pieces.push(piece)
  }
  let body: unknown
  try {
    body = JSON.parse(Buffer.concat(pieces).toString())
  } catch {
    throw refused('The body is not JSON.')
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw refused('The body is not a JSON object.')
  return body as Record<string, unknown>
}

/** Answers text piece by piece, each when there is room for it. */
export async function pipe(response: ServerResponse, type: string, pieces: AsyncIterable<Buffer>): Promise<null> {
  response.writeHead(200, { 'content-type': type })
  for await (const piece of pieces) {
    if (response.destroyed) return null
    if (!response.write(piece)) await drained(response)
  }
  response.end()
  return null
}

const drained = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    const go = () => {
      response.off('drain', go)
      response.off('close', go)
      resolve()
    }
    response.on('drain', go)
    response.on('close', go)
  })

/** Goes through a door. */
export async function visit(keeping: Keeping, answers: Answers, visitor: Visit): Promise<void> {
  const reply = await answers(keeping, visitor)
  if (reply !== null) answerJson(visitor.response, reply)
}
