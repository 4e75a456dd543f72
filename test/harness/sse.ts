export type SseMessage = { event: string; id: string | null; data: unknown; at: number }

/** Reads Server-Sent Events off a live line until it is let go; each with the time (ms) at which it had arrived. */
export async function* readSse(
  url: string,
  headers: Record<string, string>,
  signal: AbortSignal,
): AsyncGenerator<SseMessage> {
  const reply = await fetch(url, { headers: { accept: 'text/event-stream', ...headers }, signal })
  if (!reply.ok || reply.body === null) throw new Error(`${url} answered ${reply.status}: ${await reply.text()}`)
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of reply.body) {
    text += decoder.decode(chunk, { stream: true })
    const at = Date.now()
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const fields = text.slice(0, end).split('\n')
      text = text.slice(end + 2)
      const field = (name: string) => fields.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2)
      yield {
        event: field('event') ?? 'message',
        id: field('id') ?? null,
        data: JSON.parse(field('data') ?? 'null'),
        at,
      }
    }
  }
}
