import { drive } from './load.ts'

export type GatewayOrder = {
  port: number
  path: string
  key: string
  count: number
  connections: number
  bytes: number
  stream: boolean
}

/** The driver as a process of its own; each question is another one, so that no cache answers. */
process.on('message', (order: GatewayOrder) => {
  const requests = Array.from({ length: order.count }, (_, n) => {
    const content = `${n} ${'word '.repeat(order.bytes / 5)}`
    const more = order.stream ? '"stream":true,' : ''
    const body = `{"model":"fast",${more}"messages":[{"role":"user","content":"${content}"}]}`
    const head = `POST ${order.path}/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${order.key}\r\n`
    return Buffer.from(
      `${head}content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    )
  })
  void drive(order.port, requests, order.connections).then((load) => process.send?.(load))
})
process.send?.({ ready: true })
