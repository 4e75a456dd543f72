import { valueAt } from '#schemas/gateway/wires/splice.ts'
import type { Operation } from '#schemas/gateway/kinds/kind.ts'
import type { Asked } from './asked.ts'
import { estimatedInput } from './estimate.ts'
import { isMedia, mostOf } from './media.ts'
import { tokensOf, type Tokens } from './usage.ts'

/** What is taken for the length of an answer that was given none. */
const unsaid = 8_192
/** Bodies up to so many bytes are counted by their length, which costs nothing; a third of it is more than their texts come to. */
const countedByLength = 32 * 1024
const bytesPerToken = 3
/** How much more than about so many it may be. */
const margin = 4 / 3

/** Under which names a wire says how long an answer may be, and how many there are to be. */
const lengths: Partial<Record<Operation, readonly string[]>> = {
  chat: ['max_completion_tokens', 'max_tokens'],
  completions: ['max_tokens'],
  responses: ['max_output_tokens'],
  messages: ['max_tokens'],
}
const numbers: Partial<Record<Operation, readonly string[]>> = { chat: ['n'], completions: ['n', 'best_of'] }

/** Words in a body after which it holds more than its text. */
const more = ['image', '"file', 'document', 'audio'].map((word) => Buffer.from(word))

const countIn = ({ bytes, scanned }: Asked, name: string): number | undefined => {
  const value = valueAt(bytes, scanned, name)
  return typeof value === 'number' && value > 0 ? Math.ceil(value) : undefined
}

/** How long an answer is asked to be at the most, in tokens; undefined where that is not said. */
export function lengthAsked(asked: Asked): number | undefined {
  const said = (lengths[asked.operation] ?? [])
    .map((name) => countIn(asked, name))
    .filter((count) => count !== undefined)
  return said.length === 0 ? undefined : Math.max(...said)
}

const mostInput = (asked: Asked): number => {
  const body = Buffer.from(asked.bytes.buffer, asked.bytes.byteOffset, asked.bytes.length)
  const byLength = Math.ceil(body.length / bytesPerToken)
  const isText = !more.some((word) => body.includes(word))
  if (isText && body.length <= countedByLength) return byLength
  const estimated = Math.ceil(estimatedInput(asked) * margin)
  return isText ? Math.min(byLength, estimated) : estimated
}

/**
 * The most tokens that a request should come to: what of the input is counted is on the safe side, the output is as long as
 * it may be. `marked`: we may mark it for a provider's cache, and writing there costs more.
 */
export function mostTokens(asked: Asked, marked = false): Tokens {
  if (isMedia(asked.operation)) return tokensOf(mostOf(asked))
  const names = lengths[asked.operation]
  const name = names?.find((one) => countIn(asked, one) !== undefined)
  const each = names === undefined ? 0 : name === undefined ? unsaid : (countIn(asked, name) ?? unsaid)
  const answers = Math.max(1, ...(numbers[asked.operation] ?? []).map((one) => countIn(asked, one) ?? 1))
  const input = mostInput(asked)
  return { input, cached: 0, cacheWrite: marked || marksCache(asked) ? input : 0, output: each * answers, reasoning: 0 }
}

const mark = Buffer.from('cache_control')
const marksCache = ({ bytes }: Asked): boolean =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(mark)
