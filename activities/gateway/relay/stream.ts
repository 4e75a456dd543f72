import type { Usage } from '#schemas/gateway/wires/dialogue.ts'
import { failure, type Failure } from '#schemas/gateway/wires/failure.ts'
import { EventSplitter, type Block } from '#schemas/gateway/wires/sse.ts'
import type { Heard } from './usage.ts'

/** What a piece of a stream comes to: bytes to pass on, and the failure after which nothing follows. */
export type Passed = { bytes: Uint8Array[]; failure?: Failure | undefined }

/** An answer that comes bit by bit, on its way to who asked. */
export type Stream = Heard & {
  /** Whether a word of the answer has come: before it, another may still answer instead. */
  readonly begun: boolean
  push(bytes: Uint8Array): Passed
  /** The provider has closed the stream: a failure if it had not come to its end. */
  close(): Passed
  /** The event that ends a stream which has failed in its midst; null for one that has no word for it. */
  broken(why: Failure): string | null
}

/**
 * Watches a stream while its bytes are passed on: what it uses is read; one that breaks, is cut, or tells of an error in
 * its midst is known to have failed.
 */
export abstract class PassedStream implements Stream {
  readonly #splitter = new EventSplitter()
  protected ended = false
  begun = false
  usage: Partial<Usage> | null = null
  settled = false
  characters = 0

  abstract broken(why: Failure): string
  /** Looks at an event, and says what of its block goes on to `passed`. */
  protected abstract watch(data: string, block: Block, passed: Uint8Array[]): Failure | undefined

  push(bytes: Uint8Array): Passed {
    const passed: Uint8Array[] = []
    for (const block of this.#splitter.push(bytes)) {
      const event = this.ended ? undefined : block.event
      if (event === undefined) passed.push(block.bytes)
      else {
        const failed = this.watch(event.data, block, passed)
        if (failed !== undefined) return { bytes: passed, failure: failed }
      }
    }
    return { bytes: passed }
  }

  close(): Passed {
    if (this.ended) return { bytes: [] }
    return { bytes: [], failure: failure('broken', 'The provider ended the stream before the answer was complete.') }
  }
}

export const noJson = (): Failure => failure('broken', 'The provider sent a piece of the answer that is not JSON.')
