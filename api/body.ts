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

const escaped = /\\u(?:0000|d[89a-f][0-9a-f]{2})/i

/**
 * Refuses a body with a text that no table takes, a NUL or half of a surrogate pair: who sends it hears so at once, and
 * not what was to keep it later. `text`: the body as it came, in which either stands as an escape.
 * @throws Fault `bad_request`, with where it stands
 */
export function refuseUnstorable(text: string, body: unknown): void {
  if (!escaped.test(text)) return
  const left: [path: string, value: unknown][] = [['/body', body]]
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const [path, value] = next
    if (typeof value === 'string') refuseText(path, value)
    else if (typeof value === 'object' && value !== null)
      for (const [name, one] of Object.entries(value)) {
        refuseText(path, name)
        left.push([`${path}/${name}`, one])
      }
  }
}

const refuseText = (path: string, text: string): void => {
  const what = text.includes('\0') ? 'the NUL character' : text.isWellFormed() ? null : 'half of a surrogate pair'
  if (what === null) return
  const message = `Text may not hold ${what}.`
  throw new Fault('bad_request', message, { issues: [{ path, message }] })
}
