import { hash } from 'node:crypto'
import { elementsOf, scan, spanOf, valueAt, type Span } from '#schemas/gateway/wires/splice.ts'
import type { Asked } from './asked.ts'

/** Where the turns of a conversation are, where it has such. */
const turnsAt: Partial<Record<Asked['operation'], string>> = {
  chat: 'messages',
  messages: 'messages',
  count_tokens: 'messages',
  responses: 'input',
}
/** What stands before the turns. */
const before = ['system', 'instructions']

/**
 * A number of 32 bits for the conversation that a request belongs to: the same for each of its turns, since what it begins
 * with stays. `prompt_cache_key` of OpenAI's wire says it outright. By chance for what is no conversation.
 */
export function seedOf(asked: Asked, random: () => number = Math.random): number {
  const { operation, bytes, scanned, model } = asked
  const turns = turnsAt[operation]
  const span = turns === undefined ? undefined : spanOf(scanned, turns)
  if (span === undefined) return Math.floor(random() * 2 ** 32)
  const said = valueAt(bytes, scanned, 'prompt_cache_key')
  if (typeof said === 'string' && said !== '') return seedOfText(`${model}\n${said}`)
  const parts = [Buffer.from(model)]
  for (const key of before) {
    const one = spanOf(scanned, key)
    if (one !== undefined) parts.push(Buffer.from(bytes.subarray(one.start, one.end)))
  }
  parts.push(Buffer.from(bytes.subarray(span.start, endOfFirst(bytes, span))))
  return Number.parseInt(hash('sha1', Buffer.concat(parts)).slice(0, 8), 16)
}

const seedOfText = (text: string): number => Number.parseInt(hash('sha1', text).slice(0, 8), 16)

/** Where the first turn of the user has ended; the end of all where it is a text. */
const endOfFirst = (bytes: Uint8Array, turns: Span): number => {
  for (const { start, end } of elementsOf(bytes, turns)) {
    const turn = bytes.subarray(start, end)
    const of = scan(turn)
    if (of === undefined || valueAt(turn, of, 'role') === 'user') return end
  }
  return turns.end
}
