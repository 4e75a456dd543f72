import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** What was sent just before is on its way for so long, in ms; then a connection without a request is closed. */
const onItsWay = 100

/**
 * Gives the function that ends a server in order: it takes no connection any more, answers what it has begun, and cuts
 * what is not over after `patience` ms. Node's own `closeIdleConnections` leaves a connection open on which nothing was
 * ever sent, and browsers keep such ones in stock.
 */
export function drainable(server: Server, patience: number): () => Promise<void> {
  const connections = new Map<Socket, Set<ServerResponse>>()
  let draining = false
  server.on('connection', (socket) => {
    connections.set(socket, new Set())
    socket.once('close', () => connections.delete(socket))
  })
  server.on('request', ({ socket }, reply) => {
    const inWork = connections.get(socket)
    if (draining) reply.shouldKeepAlive = false
    inWork?.add(reply)
    reply.once('close', () => {
      inWork?.delete(reply)
      if (draining && inWork?.size === 0) socket.end()
    })
  })
  const closeIdle = () => {
    for (const [socket, inWork] of connections) if (inWork.size === 0) socket.destroy()
  }
  return async () => {
    draining = true
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    for (const inWork of connections.values()) for (const reply of inWork) reply.shouldKeepAlive = false
    const timers = [setTimeout(closeIdle, onItsWay), setTimeout(() => server.closeAllConnections(), patience)]
    await closed
    for (const timer of timers) clearTimeout(timer)
  }
}
