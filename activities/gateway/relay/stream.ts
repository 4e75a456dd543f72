import { errorBody, readError } from '#schemas/gateway/wires/chat/failure.ts'
import { failure, type Failure } from '#schemas/gateway/wires/failure.ts'
import { EventSplitter, type Block } from '#schemas/gateway/wires/sse.ts'
import { tokensOf, type Tokens } from './usage.ts'

type Chunk = { error?: unknown; usage?: unknown; choices?: unknown }

/** What a piece of a stream comes to: bytes to pass on, and the failure after which nothing follows. */
export type Passed = { bytes: Uint8Array[]; failure?: Failure }

/**
 * Watches a stream of OpenAI's chat wire while it is passed on: its usage is read, and taken out again where nobody asked
 * for it; a stream that breaks, is cut, or tells of an error in its midst is known to have failed.
 */
export class ChatStream {
  readonly #splitter = new EventSplitter()
  readonly #tellsUsage: boolean
  #ended = false
  tokens: Tokens | null = null
  /** Characters of the answer so far: what is billed by when the usage never comes. */
  characters = 0

  constructor(tellsUsage: boolean) {
    this.#tellsUsage = tellsUsage
  }

  push(bytes: Uint8Array): Passed {
    const passed: Uint8Array[] = []
    for (const block of this.#splitter.push(bytes)) {
      const failed = this.#watch(block, passed)
      if (failed !== undefined) return { bytes: passed, failure: failed }
    }
    return { bytes: passed }
  }

  /** The provider has closed the stream: undefined if it had come to its end. */
  close(): Failure | undefined {
    return this.#ended ? undefined : failure('broken', 'The provider ended the stream before the answer was complete.')
  }

  #watch(block: Block, passed: Uint8Array[]): Failure | undefined {
    const { event } = block
    if (event === undefined || this.#ended) {
      passed.push(block.bytes)
      return undefined
    }
    if (event.data === '[DONE]') {
      this.#ended = true
      passed.push(block.bytes)
      return undefined
    }
    const chunk = parsed(event.data)
    if (chunk === undefined) return failure('broken', 'The provider sent a piece of the answer that is not JSON.')
    if (chunk.error !== undefined && chunk.error !== null) return readError(undefined, chunk)
    this.#count(chunk)
    if (this.#tellsUsage || chunk.usage === undefined) passed.push(block.bytes)
    else if (!isEmpty(chunk.choices)) passed.push(withoutUsage(block.bytes))
    return undefined
  }

  #count({ usage, choices }: Chunk): void {
    if (usage !== undefined && usage !== null) this.tokens = tokensOf(usage)
    if (!Array.isArray(choices)) return
    for (const choice of choices) {
      const text: unknown = (choice as { delta?: { content?: unknown } } | null)?.delta?.content
      if (typeof text === 'string') this.characters += text.length
    }
  }
}

const parsed = (data: string): Chunk | undefined => {
  try {
    const value: unknown = JSON.parse(data)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

const isEmpty = (choices: unknown): boolean => !Array.isArray(choices) || choices.length === 0

/** With the usage asked for, each chunk has a `usage: null`; who did not ask for it would not have got that. */
const withoutUsage = (bytes: Uint8Array): Uint8Array =>
  Buffer.from(
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
      .toString()
      .replace(/,\s*"usage"\s*:\s*null/, ''),
  )

/** A failure in the words of OpenAI's wire. */
export const refusal = (of: Failure): string => {
  const { error } = errorBody(of)
  return JSON.stringify({ error: { ...error, code: of.code ?? error.code } })
}

/** The event that ends a stream which has failed in its midst. */
export const errorEvent = (of: Failure): string => `data: ${refusal(of)}\n\n`
