import type { ServerEvent } from './change.ts'

/**
 * Splits a stream of server-sent events (WHATWG HTML, 9.2) into its blocks as the bytes come in, wherever they are cut. Each block
 * keeps its very bytes, so a stream is passed on untouched while one looks into it, and what a block says is worked out only
 * if somebody asks. (The parsers on npm are fed with text and do not tell which bytes an event was made of.)
 */
export class EventSplitter {
  #held: Uint8Array[] = []
  #size = 0
  #lineIsEmpty = true
  #afterReturn = false
  #first = true
  readonly #most: number

  /** `most`: how many bytes one block may have; more is refused, for they would have to be held. */
  constructor(most = 32 * 1024 * 1024) {
    this.#most = most
  }

  /** The blocks that end within these bytes. The bytes of all blocks and of `rest`, in a row, are those of the stream. */
  push(bytes: Uint8Array): Block[] {
    const blocks: Block[] = []
    let begin = 0
    let at = 0
    if (this.#afterReturn && bytes.length > 0) {
      this.#afterReturn = false
      if (bytes[0] === lineFeed) at = 1
    }
    let feed = find(bytes, lineFeed, at)
    let back = find(bytes, carriageReturn, at)
    while (at < bytes.length) {
      const end = Math.min(feed, back)
      if (end > at) this.#lineIsEmpty = false
      if (end === bytes.length) break
      at = end + 1
      if (end === back) {
        if (at === bytes.length) this.#afterReturn = true
        else if (feed === at) at++
      }
      if (feed < at) feed = find(bytes, lineFeed, at)
      if (back < at) back = find(bytes, carriageReturn, at)
      if (this.#lineIsEmpty) {
        blocks.push(this.#block(bytes.subarray(begin, at)))
        begin = at
      }
      this.#lineIsEmpty = true
    }
    if (begin < bytes.length) this.#hold(bytes.subarray(begin))
    return blocks
  }

  /** What came after the last block that ended: an event that was cut, which the standard has nobody look at. */
  get rest(): Uint8Array {
    return joined(this.#held, this.#size)
  }

  #hold(bytes: Uint8Array): void {
    this.#held.push(bytes)
    this.#size += bytes.length
    if (this.#size > this.#most) throw new RangeError(`An event of the stream has more than ${this.#most} bytes.`)
  }

  #block(tail: Uint8Array): Block {
    const first = this.#first
    this.#first = false
    if (this.#held.length === 0) return new Block(tail, first)
    this.#hold(tail)
    const bytes = joined(this.#held, this.#size)
    this.#held = []
    this.#size = 0
    return new Block(bytes, first)
  }
}

const lineFeed = 10
const carriageReturn = 13

const find = (bytes: Uint8Array, byte: number, from: number): number => {
  const at = bytes.indexOf(byte, from)
  return at === -1 ? bytes.length : at
}

export const joined = (
  pieces: readonly Uint8Array[],
  size = pieces.reduce((sum, one) => sum + one.length, 0),
): Uint8Array => {
  if (pieces.length === 1 && pieces[0] !== undefined) return pieces[0]
  const all = new Uint8Array(size)
  let at = 0
  for (const piece of pieces) {
    all.set(piece, at)
    at += piece.length
  }
  return all
}

// a byte order mark is taken off by hand, and only where a stream begins
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** The bytes from one blank line to the next: mostly an event, or a comment that keeps the connection open. */
export class Block {
  readonly bytes: Uint8Array
  readonly #first: boolean
  #read: (ServerEvent & { says: boolean }) | undefined

  constructor(bytes: Uint8Array, first = false) {
    this.bytes = bytes
    this.#first = first
  }

  /** What it says; undefined if it carries no data. */
  get event(): ServerEvent | undefined {
    this.#read ??= readBlock(decoder.decode(this.bytes), this.#first)
    if (!this.#read.says) return undefined
    const { event, data } = this.#read
    return event === undefined ? { data } : { event, data }
  }
}

const readBlock = (text: string, first: boolean): ServerEvent & { says: boolean } => {
  let event: string | undefined
  let data: string | undefined
  for (const line of (first ? text.replace(/^\uFEFF/, '') : text).split(/\r\n|\n|\r/)) {
    const colon = line.indexOf(':')
    if (colon === 0 || line === '') continue
    const field = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (field === 'data') data = data === undefined ? value : `${data}\n${value}`
    else if (field === 'event') event = value
  }
  return { says: data !== undefined, data: data ?? '', ...(event === undefined || event === '' ? {} : { event }) }
}
