import { isObject } from '#schemas/automation/json.ts'
import { parseKept } from '#schemas/gateway/guardrails/body.ts'
import type { LeverSettings } from '#schemas/gateway/levers.ts'
import type { Trimmed } from '#schemas/gateway/requests.ts'
import { Trim } from '#schemas/gateway/trim.ts'
import { scan, spanOf, splice, valueAt } from '#schemas/gateway/wires/splice.ts'
import type { Asked } from './asked.ts'
import { tokensOfCharacters } from './estimate.ts'
import type { Settings } from './settings.ts'

type Members = { [key: string]: unknown }
/** Where a text stands. */
type Place = { of: Members; key: string }

/** Where a wire has its conversation, and what it is told before. */
const conversations: Partial<Record<Asked['operation'], { turns: string; before: string }>> = {
  chat: { turns: 'messages', before: 'messages' },
  messages: { turns: 'messages', before: 'system' },
  responses: { turns: 'input', before: 'instructions' },
}
const texts: ReadonlySet<unknown> = new Set(['text', 'input_text'])
/** What a tool has answered, on the wires that say so by a type. */
const results: Readonly<Record<string, string>> = { tool_result: 'content', function_call_output: 'output' }

/** Whether requests are trimmed: by what rules have set of one, else by what its tenant has turned on. */
export const isTrimmed = (settings: Settings | null, { trims }: LeverSettings): boolean =>
  (settings?.trim ?? trims) === true

/**
 * What is asked without what its conversation says twice; null where that is nothing. Left out is only of what users have said before their
 * last turn and of what tools have answered: instructions, the last turn of the user, calls of tools and answers of models stay as they
 * are, as do a model's thoughts, which are signed.
 */
export function trimmedOf(asked: Asked): { asked: Asked; trimmed: Trimmed } | null {
  const { operation, bytes, scanned } = asked
  const at = conversations[operation]
  const span = at === undefined ? undefined : spanOf(scanned, at.turns)
  if (at === undefined || span === undefined) return null
  const turns = read(Buffer.from(bytes.subarray(span.start, span.end)).toString())
  if (!Array.isArray(turns)) return null
  const trim = new Trim()
  if (at.before !== at.turns)
    for (const { of, key } of placesIn({ content: valueAt(bytes, scanned, at.before) })) trim.keep(String(of[key]))
  const last = turns.findLastIndex(isOfUser)
  let characters = 0
  for (const [n, turn] of turns.entries()) {
    if (!isObject(turn)) continue
    const mayChange = n !== last && isToTrim(turn)
    for (const { of, key } of placesIn(turn)) {
      const before = String(of[key])
      if (!mayChange) trim.keep(before)
      else characters += before.length - (of[key] = trim.of(before)).length
    }
  }
  const tokens = tokensOfCharacters(characters)
  if (characters === 0) return null
  const shorter = Buffer.concat(splice(bytes, scanned, { [at.turns]: JSON.stringify(turns) }))
  const trimmed = { passages: trim.passages, tokens }
  return { asked: { ...asked, bytes: shorter, scanned: scan(shorter) ?? scanned }, trimmed }
}

const read = (text: string): unknown => {
  try {
    return parseKept(text)
  } catch {
    return null
  }
}

/** A turn in which the user says something himself, and does not only hand on what a tool has answered. */
const isOfUser = (turn: unknown): boolean =>
  isObject(turn) &&
  turn['role'] === 'user' &&
  !(Array.isArray(turn['content']) && turn['content'].every((part) => isObject(part) && part['type'] === 'tool_result'))

const isToTrim = ({ role, type }: Members): boolean =>
  role === 'user' || role === 'tool' || (typeof type === 'string' && Object.hasOwn(results, type))

/** The texts of a turn, in their order. */
const placesIn = (turn: Members): Place[] => {
  const key = typeof turn['type'] === 'string' ? (results[turn['type']] ?? 'content') : 'content'
  const said = turn[key]
  if (typeof said === 'string') return [{ of: turn, key }]
  if (!Array.isArray(said)) return []
  return said.flatMap((part: unknown) => {
    if (!isObject(part)) return []
    const { type, text } = part
    if (typeof type === 'string' && Object.hasOwn(results, type)) return placesIn(part)
    return texts.has(type) && typeof text === 'string' ? [{ of: part, key: 'text' }] : []
  })
}
