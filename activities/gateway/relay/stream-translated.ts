import { isFault } from '#schemas/errors.ts'
import {
  frame,
  type Change,
  type ServerEvent,
  type StreamReader,
  type StreamWriter,
} from '#schemas/gateway/wires/change.ts'
import { eventOfFrame, FrameReader } from '#schemas/gateway/wires/converse/index.ts'
import type { Usage } from '#schemas/gateway/wires/dialogue.ts'
import { failure, type Failure } from '#schemas/gateway/wires/failure.ts'
import { EventSplitter } from '#schemas/gateway/wires/sse.ts'
import { inOtherWords } from './refusal.ts'
import type { Passed, Stream } from './stream.ts'

/** Some wires do not tell when an answer was made, by which model, or by what name; clients of others count on that. */
export type Missing = { id: string; model: string; created: number }

export const named = <T extends { id: string; model: string; created?: number }>(told: T, missing: Missing): T => ({
  ...told,
  id: told.id || missing.id,
  model: told.model || missing.model,
  created: told.created ?? missing.created,
})

/** Takes bytes apart into the events that they carry. */
type Split = (bytes: Uint8Array) => (ServerEvent | undefined)[]
const splitters: readonly [type: string, split: () => Split][] = [
  [
    'text/event-stream',
    () => {
      const splitter = new EventSplitter()
      return (bytes) => splitter.push(bytes).map(({ event }) => event)
    },
  ],
  [
    'application/vnd.amazon.eventstream',
    () => {
      const frames = new FrameReader()
      return (bytes) => frames.push(bytes).map(eventOfFrame)
    },
  ],
]

/** What takes a stream of this content type apart; undefined for what is none. */
export const splitterOf = (type: string): Split | undefined =>
  splitters.find(([begins]) => type.startsWith(begins))?.[1]()

/** A stream of one wire, written event by event on another. */
export class TranslatedStream implements Stream {
  readonly #split: Split
  readonly #reader: StreamReader
  readonly #writer: StreamWriter
  readonly #missing: Missing
  usage: Partial<Usage> | null = null
  settled = false
  characters = 0
  begun = false

  constructor(split: Split, reader: StreamReader, writer: StreamWriter, missing: Missing) {
    this.#split = split
    this.#reader = reader
    this.#writer = writer
    this.#missing = missing
  }

  push(bytes: Uint8Array): Passed {
    const said: string[] = []
    try {
      for (const event of this.#split(bytes)) {
        const why = event === undefined ? undefined : this.#say(this.#reader.read(event), said)
        if (why !== undefined) return passed(said, why)
      }
      return passed(said, undefined)
    } catch (error) {
      if (!isFault(error)) throw error
      return passed(said, failure('broken', error.message))
    }
  }

  close(): Passed {
    const said: string[] = []
    return passed(said, this.#say(this.#reader.finish(), said))
  }

  broken(why: Failure): string {
    return this.#writer.write({ type: 'error', failure: why }).map(frame).join('')
  }

  #say(changes: readonly Change[], said: string[]): Failure | undefined {
    for (const change of changes) {
      if (change.type === 'error') return inOtherWords(change.failure)
      if (change.type === 'end') this.settled = this.usage !== null
      if (change.type === 'grow' || change.type === 'end') this.begun = true
      for (const event of this.#writer.write(this.#heard(change))) said.push(frame(event))
    }
    return undefined
  }

  #heard(change: Change): Change {
    if (change.type === 'grow') this.characters += change.text.length
    if (change.type !== 'begin' && change.type !== 'usage') return change
    if (change.usage !== undefined) this.usage = { ...this.usage, ...change.usage }
    if (change.type === 'usage') return change
    return named(change, this.#missing)
  }
}

const passed = (said: readonly string[], why: Failure | undefined): Passed => ({
  bytes: said.length === 0 ? [] : [Buffer.from(said.join(''))],
  failure: why,
})
