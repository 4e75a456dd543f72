import type { Context } from 'hono'
import { Fault } from '#schemas/errors.ts'
import type { ApiEnv } from './deps.ts'

/**
 * The raw bytes of a request, refused as soon as they are more than `most`: by their length when it was sent (HTTP
 * holds the sender to it), else while they come.
 * @throws Fault `too_large`
 */
export async function readBody(c: Context<ApiEnv>, most: number): Promise<Buffer> {
  const tooLarge = () => new Fault('too_large', `A body may have ${most / 1024} KiB here.`)
  const length = c.req.header('content-length')
  if (length !== undefined) {
    if (Number(length) > most) throw tooLarge()
    return Buffer.from(await c.req.arrayBuffer())
  }
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of c.req.raw.body ?? []) {
    size += chunk.byteLength
    if (size > most) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
