import type { Context } from 'hono'
import { Fault } from '#schemas/errors.ts'
import type { ApiEnv } from './deps.ts'

/**
 * Of a body that is too large so many bytes are read and let go. A sender hears the answer when it has sent all, and its
 * connection stays; who sends more than that is cut off.
 */
const mostLetGo = 16 * 1024 * 1024

/**
 * The raw bytes of a request, refused when they are more than `most`; then nothing of them is held.
 * @throws Fault `too_large`
 */
export async function readBody(c: Context<ApiEnv>, most: number): Promise<Buffer> {
  const length = c.req.header('content-length')
  if (length !== undefined && Number(length) <= most) return Buffer.from(await c.req.arrayBuffer())
  let chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of c.req.raw.body ?? []) {
    size += chunk.byteLength
    if (size <= most) chunks.push(chunk)
    else chunks = []
    if (size > most + mostLetGo) break
  }
  if (size > most) throw new Fault('too_large', `A body may have ${most / 1024} KiB here.`)
  return Buffer.concat(chunks)
}
