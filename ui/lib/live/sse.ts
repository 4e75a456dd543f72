export type ServerEvent = { event: string; data: string; id: string | undefined }

/**
 * Reads a `text/event-stream` body (WHATWG HTML, "Server-sent events" §9.2.6): CR, LF or CRLF line ends, comments, several
 * `data` lines joined by LF; an event that the stream ends in the middle of is dropped.
 *
 * @param onBytes called whenever anything at all arrives, comments too: the line is alive
 */
export async function* readEvents(
  body: ReadableStream<Uint8Array>,
  onBytes: () => void = () => {},
): AsyncGenerator<ServerEvent> {
  const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader()
  let rest = ''
  let draft: ServerEvent = { event: 'message', data: '', id: undefined }
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      onBytes()
      rest += value
      // A CR at the very end may be half of a CRLF: wait for what follows it.
      const lines = rest.split(/\r\n|\n|\r(?!$)/)
      rest = lines.pop() ?? ''
      for (const line of lines) {
        if (line !== '') {
          draft = withLine(draft, line)
          continue
        }
        if (draft.data !== '') yield { ...draft, data: draft.data.slice(0, -1) }
        draft = { event: 'message', data: '', id: undefined }
      }
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
}

const withLine = (draft: ServerEvent, line: string): ServerEvent => {
  const colon = line.indexOf(':')
  if (colon === 0) return draft
  const field = colon === -1 ? line : line.slice(0, colon)
  const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '')
  if (field === 'data') return { ...draft, data: `${draft.data}${value}\n` }
  if (field === 'event') return { ...draft, event: value }
  if (field === 'id') return { ...draft, id: value }
  return draft
}
