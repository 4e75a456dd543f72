import type { LiveMessage, LiveRow } from '#schemas/live.ts'
import { until } from './until.ts'

/** A message of the live feed with the id to resume by. */
export type Heard = LiveMessage & { id: string | undefined }

export type Line = AsyncDisposable & {
  status: number
  heard: Heard[]
  /** The id of the newest message that has one: what a browser sends as `Last-Event-ID`. */
  lastId(): string | undefined
  /** Rows of a topic as a client holds them now: by id, snapshots replacing, deltas upserting. */
  rows(topic: string): LiveRow[]
  /** Every form in which a row has arrived, oldest first. */
  forms(id: string): LiveRow[]
  /** How long (ms) the server asked to wait before one comes again, if it did. */
  readonly retryMs: number | undefined
  /** How the line ended: `closed` by the server in order, `broken` otherwise. */
  ended: Promise<'closed' | 'broken'>
  [Symbol.asyncDispose](): Promise<void>
}

const parse = (block: string): Heard | undefined => {
  const field = (name: string) => new RegExp(`^${name}: ?(.*)$`, 'm').exec(block)?.[1]
  const [event, data] = [field('event'), field('data')]
  if (event === undefined || data === undefined) return undefined
  return { event, id: field('id'), ...(JSON.parse(data) as object) } as Heard
}

const readRetry = (block: string): number | undefined => {
  const ms = /^retry: ?(\d+)$/m.exec(block)?.[1]
  return ms === undefined ? undefined : Number(ms)
}

const hold = (heard: readonly Heard[], topic: string): LiveRow[] => {
  const rows = new Map<string, LiveRow>()
  for (const message of heard) {
    if (message.event === 'tick' || message.topic !== topic) continue
    if (message.event === 'snapshot') rows.clear()
    for (const row of message.rows)
      if (row.deleted) rows.delete(row.id)
      else rows.set(row.id, row)
  }
  return [...rows.values()]
}

/** Opens a live line over `fetch` (or an app in this process) and keeps all that it says. */
export async function openLine(
  topics: readonly string[],
  options: {
    authorization?: string
    cookie?: string
    url?: string
    lastId?: string | undefined
    request?: (path: string, init: RequestInit) => Response | Promise<Response>
  },
): Promise<Line> {
  const { authorization, cookie, url = '', lastId, request = (path, init) => fetch(`${url}${path}`, init) } = options
  const cut = new AbortController()
  const path = `/v1/live?${topics.map((topic) => `topic=${topic}`).join('&')}`
  const headers = new Headers()
  for (const [name, value] of Object.entries({ authorization, cookie, 'last-event-id': lastId }))
    if (value !== undefined) headers.set(name, value)
  const reply = await request(path, { headers, signal: cut.signal })
  const heard: Heard[] = []
  let retryMs: number | undefined
  const reader = reply.body?.pipeThrough(new TextDecoderStream()).getReader()
  const read = async (): Promise<'closed' | 'broken'> => {
    let rest = ''
    try {
      for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) {
        const blocks = (rest + part.value).split('\n\n')
        rest = blocks.pop() ?? ''
        for (const block of blocks) retryMs = readRetry(block) ?? retryMs
        heard.push(...blocks.flatMap((block) => parse(block) ?? []))
      }
      return 'closed'
    } catch {
      return 'broken'
    }
  }
  const ended = read()
  return {
    status: reply.status,
    heard,
    lastId: () => heard.findLast((message) => message.id !== undefined)?.id,
    rows: (topic) => hold(heard, topic),
    forms: (id) =>
      heard.flatMap((message) => (message.event === 'tick' ? [] : message.rows.filter((row) => row.id === id))),
    get retryMs() {
      return retryMs
    },
    ended,
    async [Symbol.asyncDispose]() {
      cut.abort()
      await reader?.cancel().catch(() => {})
      await ended
    },
  }
}

/** Waits for a row of a topic as the client holds it. */
export const untilRow = (line: Line, topic: string, what: string, is: (row: LiveRow) => boolean): Promise<LiveRow> =>
  until(what, async () => line.rows(topic).find(is))
