import { signHook } from '#test/harness/hooks.ts'
import { makeLead } from '#workers/sandbox/leads.ts'
import { drive } from './load.ts'

export type LoadOrder = { port: number; path: string; secret: string; count: number; connections: number; tag: string }

/** The driver as a process of its own: told what to send over IPC, it answers what it measured. */
process.on('message', (order: LoadOrder) => {
  const requests = Array.from({ length: order.count }, (_, i) => {
    const { xml } = makeLead(`bench-${i % 500}`)
    const headers = signHook(order.secret, `msg_${order.tag}_${i}`, xml)
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
    const head = `POST ${order.path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/xml\r\ncontent-length: ${Buffer.byteLength(xml)}\r\n`
    return Buffer.from(`${head}${lines.join('')}\r\n${xml}`)
  })
  void drive(order.port, requests, order.connections).then((load) => process.send?.(load))
})
process.send?.({ ready: true })
