import { isFault } from '#schemas/errors.ts'
import type { SaidPart, SaidTurn } from '#schemas/gateway/bodies.ts'
import type { Operation } from '#schemas/gateway/kinds/kind.ts'
import type { Part, Source } from '#schemas/gateway/wires/dialogue.ts'
import { parsed } from '#schemas/gateway/wires/ending.ts'
import * as messages from '#schemas/gateway/wires/messages/index.ts'
import { readWhole } from './relay/cache-answer.ts'
import { speeches } from './relay/speech.ts'

/** What a body says, as turns of a conversation; null where it is none, or not whole. */
export function turnsOf(operation: string, side: 'asked' | 'answer', text: string): SaidTurn[] | null {
  const said = parsed(text)
  const speech = speeches[operation as Operation] as (typeof speeches)[Operation] | undefined
  if (said === undefined || speech === undefined) return null
  try {
    return side === 'asked' ? askedTurns(operation, said) : answeredTurns(operation, said)
  } catch (error) {
    if (isFault(error)) return null
    throw error
  }
}

const askedTurns = (operation: string, said: object): SaidTurn[] | null => {
  const { spoken } = speeches[operation as Operation]
  const dialogue =
    operation === 'count_tokens' ? messages.readCount(said) : spoken === null ? null : spoken.readRequest(said)
  return dialogue?.turns.map(({ role, parts }) => ({ by: role, parts: parts.map(toPart) })) ?? null
}

const answeredTurns = (operation: string, said: object): SaidTurn[] | null => {
  const reply = 'error' in said ? null : readWhole(operation as Operation, said)
  return reply?.choices.map(({ parts }) => ({ by: 'assistant', parts: parts.map(toPart) })) ?? null
}

type Says = { [Type in Part['type']]: (part: Extract<Part, { type: Type }>) => SaidPart }
const says: Says = {
  text: ({ text }) => ({ kind: 'text', text }),
  thinking: ({ text }) => ({ kind: 'thought', text }),
  refusal: ({ text }) => ({ kind: 'refusal', text }),
  image: ({ source }) => ({ kind: 'image', name: null, ...placed(source) }),
  audio: ({ source }) => ({ kind: 'sound', name: null, ...placed(source) }),
  document: ({ source, name = null }) => ({ kind: 'document', name, ...placed(source) }),
  tool_call: ({ id, name, arguments: given }) => ({ kind: 'call', id, name, arguments: given }),
  tool_result: ({ call, parts, failed = false }) => ({ kind: 'result', call, text: resultText(parts), failed }),
  foreign: ({ value }) => ({ kind: 'other', json: JSON.stringify(value) }),
}
const toPart = <Type extends Part['type']>(part: Extract<Part, { type: Type }>): SaidPart =>
  (says[part.type] as (one: typeof part) => SaidPart)(part)

/** Texts as they are, and what else there is by what it is. */
const resultText = (parts: readonly Part[]): string =>
  parts.map((part) => (part.type === 'text' ? part.text : `[${part.type}]`)).join('\n')

type Placed = { type: string | null; bytes: number | null; url: string | null }
const placed = (source: Source | { from: 'text'; text: string }): Placed => {
  if (source.from === 'url') return { type: source.mime ?? null, bytes: null, url: source.url }
  if (source.from === 'file') return { type: `file ${source.id}`, bytes: null, url: null }
  if (source.from === 'text') return { type: 'text/plain', bytes: Buffer.byteLength(source.text), url: null }
  return { type: source.mime, bytes: Math.floor((source.base64.length * 3) / 4), url: null }
}
