import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Line = {
  topics: string[]
  lastEventId: string | undefined
  send: (event: string, data: unknown, id?: string) => void
  raw: (text: string) => void
  cut: () => void
  closed: () => boolean
}

/** A real HTTP server with the live feed's wire, for tests: they answer each line by hand. */
export class LiveServer {
  readonly lines: Line[] = []
  status = 200
  onChange = (): void => {}
  #server: Server | undefined
  #port = 0

  get origin(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** Starts, on the same port as before if it ran before. */
  async start(): Promise<void> {
    this.#server = createServer((request, response) => this.#answer(request, response))
    this.#server.listen(this.#port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.#port = (this.#server.address() as AddressInfo).port
  }

  async stop(): Promise<void> {
    const closed = this.#server && once(this.#server, 'close')
    this.#server?.close()
    this.#server?.closeAllConnections()
    await closed
    this.#server = undefined
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://x')
    response.writeHead(this.status, { 'content-type': 'text/event-stream' })
    if (this.status !== 200) response.end()
    else response.flushHeaders()
    let closed = false
    request.on('close', () => {
      closed = true
      this.onChange()
    })
    this.lines.push({
      topics: url.searchParams.getAll('topic'),
      lastEventId: request.headers['last-event-id'] as string | undefined,
      send: (event, data, id) =>
        response.write(`event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`),
      raw: (text) => response.write(text),
      cut: () => request.socket.destroy(),
      closed: () => closed,
    })
    this.onChange()
  }
}
