import { Fault } from '#schemas/errors.ts'
import type { ServerEvent } from '../change.ts'
import { joined } from '../sse.ts'

/**
 * AWS event streams (`application/vnd.amazon.eventstream`): each frame is its length, the length of its headers, a checksum of
 * these two, the headers, what it carries, and a checksum of all that.
 */
export type Frame = { headers: Record<string, string | number | boolean>; payload: Uint8Array }

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let sum = byte
  for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1
  return sum
})

const crc32 = (bytes: Uint8Array): number => {
  let sum = 0xffffffff
  for (const byte of bytes) sum = (sum >>> 8) ^ (table[(sum ^ byte) & 255] ?? 0)
  return (sum ^ 0xffffffff) >>> 0
}

const broken = (sentence: string): never => {
  throw new Fault('unavailable', `The stream of the provider is broken: ${sentence}`)
}

/** AWS allows 16 MiB of payload and 128 KiB of headers. */
const longest = 17 * 1024 * 1024
const decoder = new TextDecoder()

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** Puts frames together from bytes that are cut anywhere. A frame whose checksums do not fit is refused. */
export class FrameReader {
  #held: Uint8Array[] = []
  #size = 0

  push(bytes: Uint8Array): Frame[] {
    this.#held.push(bytes)
    this.#size += bytes.length
    const frames: Frame[] = []
    // nothing is joined until a whole frame is there
    for (let length = this.#length(); length !== undefined && this.#size >= length; length = this.#length()) {
      const all = joined(this.#held, this.#size)
      frames.push(readFrame(all.subarray(0, length)))
      this.#held = all.length === length ? [] : [all.subarray(length)]
      this.#size = all.length - length
    }
    return frames
  }

  /** Whether the bytes end within a frame. */
  get cut(): boolean {
    return this.#size > 0
  }

  #length(): number | undefined {
    if (this.#size < 12) return undefined
    if ((this.#held[0]?.length ?? 0) < 12) this.#held = [joined(this.#held, this.#size)]
    const head = this.#held[0] ?? new Uint8Array(12)
    const view = viewOf(head)
    if (view.getUint32(8) !== crc32(head.subarray(0, 8))) broken('a frame begins with a wrong checksum.')
    const length = view.getUint32(0)
    return length > longest || length < 16 + view.getUint32(4) ? broken(`a frame claims ${length} bytes.`) : length
  }
}

const readFrame = (bytes: Uint8Array): Frame => {
  const view = viewOf(bytes)
  const end = bytes.length - 4
  if (view.getUint32(end) !== crc32(bytes.subarray(0, end))) broken('a frame ends with a wrong checksum.')
  const body = 12 + view.getUint32(4)
  return { headers: readHeaders(bytes.subarray(12, body)), payload: bytes.subarray(body, end) }
}

/** How many bytes a value has, by the number of its kind; -1: it tells them itself. */
const sizes = [0, 0, 1, 2, 4, 8, -1, -1, 8, 16]

const readHeaders = (bytes: Uint8Array): Frame['headers'] => {
  const view = viewOf(bytes)
  const headers: Frame['headers'] = {}
  let at = 0
  while (at < bytes.length) {
    const nameEnd = at + 1 + (bytes[at] ?? 0)
    const kind = bytes[nameEnd] ?? 99
    const size = sizes[kind] ?? broken(`a header is of a kind ${kind}.`)
    if (nameEnd + (size === -1 ? 3 : 1) > bytes.length) broken('a header is cut.')
    const start = nameEnd + (size === -1 ? 3 : 1)
    const end = start + (size === -1 ? view.getUint16(nameEnd + 1) : size)
    if (end > bytes.length) broken('a header is cut.')
    headers[decoder.decode(bytes.subarray(at + 1, nameEnd))] = valueOf(kind, bytes.subarray(start, end))
    at = end
  }
  return headers
}

const valueOf = (kind: number, bytes: Uint8Array): string | number | boolean => {
  const view = viewOf(bytes)
  if (kind < 2) return kind === 0
  if (kind === 2) return view.getInt8(0)
  if (kind === 3) return view.getInt16(0)
  if (kind === 4) return view.getInt32(0)
  if (kind === 5 || kind === 8) return Number(view.getBigInt64(0))
  return kind === 7 ? decoder.decode(bytes) : [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

const encoder = new TextEncoder()

/** A frame as bytes; its headers are texts, as in all that Bedrock sends. */
export const writeFrame = (headers: Readonly<Record<string, string>>, payload: Uint8Array): Uint8Array => {
  const fields = Object.entries(headers).flatMap(([name, value]) => {
    const [key, text] = [encoder.encode(name), encoder.encode(value)]
    return [Uint8Array.of(key.length), key, Uint8Array.of(7, text.length >> 8, text.length & 255), text]
  })
  const head = joined(fields)
  const bytes = new Uint8Array(16 + head.length + payload.length)
  const view = viewOf(bytes)
  view.setUint32(0, bytes.length)
  view.setUint32(4, head.length)
  view.setUint32(8, crc32(bytes.subarray(0, 8)))
  bytes.set(head, 12)
  bytes.set(payload, 12 + head.length)
  view.setUint32(bytes.length - 4, crc32(bytes.subarray(0, bytes.length - 4)))
  return bytes
}

/** The event that a frame is, by the name that its headers give it: an exception by its own. */
export const eventOfFrame = ({ headers, payload }: Frame): ServerEvent => {
  const name = headers[':exception-type'] ?? headers[':event-type'] ?? headers[':error-code'] ?? ''
  const told = headers[':error-message']
  return { event: String(name), data: told === undefined ? decoder.decode(payload) : JSON.stringify({ message: told }) }
}

export const frameOfEvent = ({ event = '', data }: ServerEvent): Uint8Array => {
  const kind = event.endsWith('Exception') ? 'exception' : 'event'
  const headers = { [`:${kind}-type`]: event, ':content-type': 'application/json', ':message-type': kind }
  return writeFrame(headers, encoder.encode(data))
}
