import type { LiveMessage, LiveRow } from '#schemas/live.ts'

/** The rows of a delta go to every viewer of their topic: they are written as text once, however many look on. */
const written = new WeakMap<readonly LiveRow[], string>()

const textOf = (rows: readonly LiveRow[]): string => {
  const known = written.get(rows)
  if (known !== undefined) return known
  const text = JSON.stringify(rows)
  written.set(rows, text)
  return text
}

/** A message as an event of the stream (HTML, "Server-sent events", parsing); `id` is the cursor to resume by. */
export const frameOf = (message: LiveMessage & { id?: string }): string => {
  if (message.event === 'tick') return `event: tick\ndata: {"at":${message.at}}\n\n`
  const { event, topic, cursor, rows, id } = message
  const data = `{"topic":${JSON.stringify(topic)},"cursor":${JSON.stringify(cursor)},"rows":${textOf(rows)}}`
  return `event: ${event}\ndata: ${data}\n${id === undefined ? '' : `id: ${id}\n`}\n`
}
