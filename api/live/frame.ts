import type { LiveMessage, LiveRow } from '#schemas/live.ts'

type Framed = { cursor: string; id: string | undefined; bytes: Buffer }

/** The rows of a delta go to every viewer of their topic: they are written once, however many look on. */
const written = new WeakMap<readonly LiveRow[], Framed>()

/** A message as an event of the stream (HTML, "Server-sent events", parsing); `id` is the cursor to resume by. */
export const frameOf = (message: LiveMessage & { id?: string }): Buffer => {
  if (message.event === 'tick') return Buffer.from(`event: tick\ndata: {"at":${message.at}}\n\n`)
  const { event, topic, cursor, rows, id } = message
  const known = event === 'delta' ? written.get(rows) : undefined
  if (known !== undefined && known.cursor === cursor && known.id === id) return known.bytes
  const data = JSON.stringify({ topic, cursor, rows })
  const bytes = Buffer.from(`event: ${event}\ndata: ${data}\n${id === undefined ? '' : `id: ${id}\n`}\n`)
  if (event === 'delta') written.set(rows, { cursor, id, bytes })
  return bytes
}
