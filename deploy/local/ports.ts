import { once } from 'node:events'
import { createServer } from 'node:net'

const bind = async (port: number): Promise<number> => {
  const server = createServer()
  server.listen({ port, host: '127.0.0.1', exclusive: true })
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address ? address.port : port
}

/** Whether a TCP port of 127.0.0.1 can be listened on now. */
export const isFree = async (port: number): Promise<boolean> =>
  bind(port).then(
    () => true,
    () => false,
  )

/** `preferred` when it is free, else one that the system picks. */
export const freePort = async (preferred?: number): Promise<number> =>
  preferred !== undefined && (await isFree(preferred)) ? preferred : bind(0)
