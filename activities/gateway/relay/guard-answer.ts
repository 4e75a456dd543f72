import { isObject } from '#schemas/automation/json.ts'
import type { Operation } from '#schemas/gateway/kinds/kind.ts'
import type { JsonMembers } from '#schemas/gateway/wires/dialogue.ts'
import { parseKept, type Speaker } from '#schemas/gateway/guardrails/body.ts'
import { scan, spanOf, splice } from '#schemas/gateway/wires/splice.ts'
import type { Asked } from './asked.ts'

const membersIn = (value: unknown): JsonMembers[] => (Array.isArray(value) ? (value as unknown[]).filter(isObject) : [])

const textOf = (parts: unknown): string =>
  typeof parts === 'string'
    ? parts
    : membersIn(parts)
        .map(({ type, text }) => (typeof text === 'string' && (type === 'text' || type === 'output_text') ? text : ''))
        .join('')

const isCall = ({ type }: JsonMembers): boolean => typeof type === 'string' && /(?:_call|tool_use)$/.test(type)

/** A whole answer, with every number as it was; null for what is none. */
export const readReply = (text: string): JsonMembers | null => {
  try {
    const reply = parseKept(text)
    return isObject(reply) ? reply : null
  } catch {
    return null
  }
}

const echoes = ['instructions', 'metadata', 'user']

/** Puts what `see` says in the place of all that a whole answer says. `again`: it repeats what was asked. */
export function rewriteReply(
  reply: JsonMembers,
  see: (value: unknown, by: Speaker, again: boolean) => unknown,
  hidesTokens: boolean,
): void {
  for (const key of ['choices', 'output', 'content'])
    if (reply[key] !== undefined) reply[key] = see(reply[key], 'assistant', false)
  for (const key of echoes) if (reply[key] !== undefined) reply[key] = see(reply[key], 'echo', true)
  if (hidesTokens) for (const choice of membersIn(reply['choices'])) if ('logprobs' in choice) choice['logprobs'] = null
}

/** The texts of a whole answer, one of each choice; none where it calls tools, and is not over yet. */
export function answerTexts(operation: Operation, { choices, output, content }: JsonMembers): string[] {
  if (operation === 'messages') return membersIn(content).some(isCall) ? [] : [textOf(content)]
  if (operation === 'responses') {
    const items = membersIn(output)
    return items.some(isCall)
      ? []
      : [items.map((item) => (item['type'] === 'message' ? textOf(item['content']) : '')).join('')]
  }
  return membersIn(choices).flatMap(({ message, text }) => {
    if (typeof text === 'string') return [text]
    if (!isObject(message) || (Array.isArray(message['tool_calls']) && message['tool_calls'].length > 0)) return []
    return [textOf(message['content'])]
  })
}

const turnsIn: Partial<Record<Operation, string>> = { chat: 'messages', messages: 'messages', responses: 'input' }

/** The same question, with an answer that does not fit and what is wrong with it; null where a wire has no turns. */
export function askedAgain(asked: Asked, answer: string, why: readonly string[]): Asked | null {
  const { operation, bytes, scanned } = asked
  const key = turnsIn[operation]
  const span = key === undefined ? undefined : spanOf(scanned, key)
  if (key === undefined || span === undefined) return null
  const given = parseKept(Buffer.from(bytes.subarray(span.start, span.end)).toString())
  const turns = Array.isArray(given) ? (given as unknown[]) : [{ role: 'user', content: given }]
  const said = `That answer does not fit the JSON Schema that it has to fit. ${why.join(' ')} Answer once more with the JSON alone, corrected.`
  const more = [
    // an empty turn is refused
    { role: 'assistant', content: answer.trim() === '' ? '{}' : answer },
    { role: 'user', content: said },
  ]
  const again = Buffer.concat(splice(bytes, scanned, { [key]: JSON.stringify([...turns, ...more]) }))
  return { ...asked, bytes: again, scanned: scan(again) ?? scanned }
}
