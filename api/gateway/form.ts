import type { IncomingMessage } from 'node:http'
import { FormReader, Unreadable, type Form } from '#activities/gateway/relay/form.ts'
import { failure, type Failure } from '#schemas/gateway/wires/failure.ts'

/** The most bytes of a form: what providers take of sound and of images. It is held in memory, once, until it is answered. */
const mostForm = 64 * 1024 * 1024

const tooLarge = failure('too_large', `A form may have ${mostForm} bytes, and this one has more.`)

/** A form that is passed on, in the pieces in which it comes; why it cannot be, or null where who sends it is gone. */
export async function receiveForm(request: IncomingMessage, boundary: string): Promise<Form | Failure | null> {
  if (Number(request.headers['content-length'] ?? 0) > mostForm) return tooLarge
  const reader = new FormReader(boundary)
  const pieces: Buffer[] = []
  let size = 0
  try {
    // who is refused is told so, on a connection that stands
    for await (const piece of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += piece.length
      if (size > mostForm) return tooLarge
      pieces.push(piece)
      reader.push(piece)
    }
    reader.close()
  } catch (error) {
    if (error instanceof Unreadable) return failure('invalid', error.message)
    if (request.destroyed && !request.complete) return null
    throw error
  }
  const { fields, spans, files, begin, end } = reader
  return { contentType: request.headers['content-type'] ?? '', pieces, fields, spans, files, begin, end }
}
