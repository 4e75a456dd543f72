import { isObject } from '#schemas/automation/json.ts'
import type { Operation } from '#schemas/gateway/kinds/kind.ts'
import type { JsonMembers } from '#schemas/gateway/wires/dialogue.ts'
import type { Asked } from './asked.ts'

/** The last question of a request, what it says beside that, and the numbers in the question. */
export type Question = { question: string; rest: JsonMembers; numbers: readonly string[] }

const turnsIn: Partial<Record<Operation, string>> = {
  chat: 'messages',
  messages: 'messages',
  responses: 'input',
  completions: 'prompt',
}
/** Longer ones are no questions but texts to work on, of which each word counts. */
const longestQuestion = 4_000

/**
 * What another request may ask nearly like it and get the same answer: text of the user in the last turn. Where tools are
 * offered none is: of two askings for a tool that are nearly alike each is an act of its own. Numbers have to be the same:
 * two cars of one stock list are nearly the same question to an embedding.
 */
export function questionOf({ operation }: Asked, body: JsonMembers): Question | null {
  const where = turnsIn[operation]
  const tools = body['tools'] ?? body['functions']
  if (where === undefined || (Array.isArray(tools) && tools.length > 0)) return null
  const turns = body[where]
  if (typeof turns === 'string') return asked(turns, { ...body, [where]: 0 })
  if (!Array.isArray(turns)) return null
  const last: unknown = turns.at(-1)
  if (!isObject(last) || last['role'] !== 'user') return null
  const text = textOf(last['content'])
  return text === null ? null : asked(text, { ...body, [where]: [...(turns as unknown[]).slice(0, -1), 0] })
}

const asked = (question: string, rest: JsonMembers): Question | null =>
  question.trim() === '' || question.length > longestQuestion
    ? null
    : { question, rest, numbers: question.toLowerCase().match(/[\p{L}\p{N}]*\p{N}[\p{L}\p{N}]*/gu) ?? [] }

const textOf = (content: unknown): string | null => {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return null
  const texts = (content as unknown[]).map((part) =>
    isObject(part) && (part['type'] === 'text' || part['type'] === 'input_text') ? part['text'] : null,
  )
  return texts.every((text) => typeof text === 'string') ? texts.join('\n') : null
}
