import { crc32 } from 'node:zlib'
import { scan, type Span } from '#schemas/gateway/wires/splice.ts'
import { markWays, saidIn, withMarks, type MarkedWire, type Told } from './marking-bytes.ts'
import type { Beginning, Marks } from './marks.ts'

/** For how long a provider keeps a prompt after it was last asked, in ms (Claude API, "Prompt caching"). */
export const promptsKeptMs = 300_000
/** The fewest tokens that it keeps; some models want more, and pass over a mark before. */
const least = 1024
/** About so many. */
const bytesPerToken = 4

/** Marks the prompt of one request for the prompt caches of those who are asked; asked again, each is sent the same marks. */
export class Marking {
  readonly #marks: Marks
  readonly #tenant: string
  readonly #places = new Map<string, readonly number[]>()

  constructor(marks: Marks, tenant: string) {
    this.#marks = marks
    this.#tenant = tenant
  }

  /**
   * A body as it is sent, with marks: null where it carries some of its own, or begins with nothing that is worth it. `of` names who
   * is asked and for which model: each keeps its own.
   */
  of(body: Uint8Array, wire: MarkedWire, of: string): Uint8Array | null {
    if (body.length < least * bytesPerToken) return null
    if (Buffer.from(body.buffer, body.byteOffset, body.length).includes(markWays[wire].word)) return null
    const scanned = scan(body)
    const said = scanned === undefined ? null : saidIn(body, scanned)
    if (said === null) return null
    let places = this.#places.get(of)
    if (places === undefined) {
      const beginnings = beginningsOf(body, said, crc32(`${this.#tenant}\n${of}\n`))
      const isWorth = (count: number) => (beginnings[count - 1]?.tokens ?? 0) >= least
      places = this.#marks.place(beginnings, Date.now()).filter(isWorth)
      this.#places.set(of, places)
    }
    return places.length === 0 ? null : withMarks(body, said, places, wire)
  }
}

/** What stands before the messages, and then each message with all that stands before it. */
const beginningsOf = (body: Uint8Array, { tools, system, messages }: Told, seed: number): Beginning[] => {
  let [hash, size] = [seed, 0]
  const add = (span: Span | undefined): Beginning => {
    if (span !== undefined) {
      hash = crc32(body.subarray(span.start, span.end), hash)
      size += span.end - span.start
    }
    return { hash, tokens: size / bytesPerToken }
  }
  add(tools)
  return [add(system), ...messages.map(add)]
}
