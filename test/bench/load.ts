import { connect, type Socket } from 'node:net'
import { once } from 'node:events'

/** `milliseconds` until an answer was there, `firstMilliseconds` until its first byte was. */
export type Load = {
  perSecond: number
  milliseconds: number[]
  firstMilliseconds: number[]
  statuses: Record<string, number>
}

/**
 * Sends prepared HTTP/1.1 requests over `connections` kept-alive sockets, each sending its next when the last is
 * answered, until all are through. A plain socket driver, because a full client would take the cores from the server.
 */
export async function drive(port: number, requests: readonly Buffer[], connections: number): Promise<Load> {
  const milliseconds: number[] = []
  const firstMilliseconds: number[] = []
  const statuses: Record<string, number> = {}
  let next = 0
  const lines = await Promise.all(Array.from({ length: connections }, () => openLine(port)))
  const started = performance.now()
  await Promise.all(
    lines.map(async (line) => {
      for (let request = requests[next++]; request !== undefined; request = requests[next++]) {
        const sent = performance.now()
        const { status, firstAt } = await line.send(request)
        milliseconds.push(performance.now() - sent)
        firstMilliseconds.push(firstAt - sent)
        statuses[status] = (statuses[status] ?? 0) + 1
      }
      line.close()
    }),
  )
  return {
    perSecond: (requests.length / (performance.now() - started)) * 1000,
    milliseconds,
    firstMilliseconds,
    statuses,
  }
}

export type Answer = { status: string; firstAt: number }
export type Line = { send(request: Buffer): Promise<Answer>; close(): void }

/** A kept-alive connection to this machine that sends one request at a time and gives the status of its answer, and when it began. */
export async function openLine(port: number): Promise<Line> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  await once(socket, 'connect')
  const answers = answersOf(socket)
  return {
    send(request) {
      const answered = answers.next()
      socket.write(request)
      return answered
    },
    close: () => void socket.destroy(),
  }
}

/** Reads the answers of one connection; bodies by their Content-Length or by their last chunk. */
const answersOf = (socket: Socket): { next(): Promise<Answer> } => {
  let buffer = ''
  let firstAt = 0
  let resolve: ((answer: Answer) => void) | undefined
  let reject: ((error: Error) => void) | undefined
  const take = () => {
    const head = buffer.indexOf('\r\n\r\n')
    if (head < 0) return
    const length = /content-length: (\d+)/i.exec(buffer.slice(0, head))?.[1]
    const end = length === undefined ? buffer.indexOf('0\r\n\r\n', head) + 5 : head + 4 + Number(length)
    if (end < head + 4 || buffer.length < end) return
    const status = buffer.slice(9, 12)
    buffer = buffer.slice(end)
    resolve?.({ status, firstAt })
  }
  socket.setEncoding('latin1')
  socket.on('data', (data: string) => {
    if (buffer === '') firstAt = performance.now()
    buffer += data
    take()
  })
  socket.on('error', (error) => reject?.(error))
  socket.on('close', () => reject?.(new Error('the server closed the connection')))
  return {
    next: () =>
      new Promise((yes, no) => {
        resolve = yes
        reject = no
      }),
  }
}
