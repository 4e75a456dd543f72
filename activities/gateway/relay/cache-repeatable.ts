import { isObject } from '#schemas/automation/json.ts'
import type { Operation } from '#schemas/gateway/kinds/kind.ts'
import type { JsonMembers, Part } from '#schemas/gateway/wires/dialogue.ts'
import type { Asked } from './asked.ts'
import { dialogueOf } from './read.ts'

/** What is answered again at all: images, sound and what is judged are not, nor are counts. */
const repeated: ReadonlySet<Operation> = new Set<Operation>([
  'chat',
  'responses',
  'completions',
  'messages',
  'embeddings',
])

/** Members that make an answer hang on more than the request, or do more than answer. */
const beyond = [
  'previous_response_id',
  'conversation',
  'background',
  'store',
  'container',
  'mcp_servers',
  'web_search_options',
  'audio',
]

/**
 * Whether the same request may get the same answer again: that hangs on nothing but the request, and asks for no chance
 * (`sampled`: or for chance too). What a provider looks up, runs, fetches or remembers by itself is another thing tomorrow;
 * tools that the caller runs are not, since the model only asks for them.
 */
export function isRepeatable(asked: Asked, body: JsonMembers, sampled: boolean): boolean {
  if (!repeated.has(asked.operation) || asked.form !== undefined) return false
  if (beyond.some((name) => body[name] !== undefined && body[name] !== null && body[name] !== false)) return false
  const temperature = asked.settings?.temperature ?? body['temperature']
  if (!sampled && typeof temperature === 'number' && temperature > 0) return false
  if (asked.operation === 'embeddings' || isPlain(body)) return true
  const dialogue = dialogueOf(asked)
  if (dialogue === null || 'class' in dialogue) return false
  const { tools = [], turns } = dialogue
  return (
    tools.every(({ type }) => type === 'function') &&
    turns.every(({ parts, extra }) => extra?.members['audio'] === undefined && parts.every(isWithin))
  )
}

const texts: ReadonlySet<unknown> = new Set(['text', 'input_text', 'output_text'])

/** Turns of text and nothing else, which most are: that is seen without reading them as a dialogue. */
const isPlain = ({ tools, functions, messages, input, prompt }: JsonMembers): boolean => {
  if (tools !== undefined || functions !== undefined) return false
  const text = input ?? prompt
  const turns = messages ?? text
  return (
    (messages === undefined && typeof text === 'string') ||
    (Array.isArray(turns) && turns.length > 0 && turns.every(isPlainTurn))
  )
}

const isPlainTurn = (turn: unknown): boolean => {
  if (!isObject(turn) || (turn['type'] ?? 'message') !== 'message' || turn['audio'] !== undefined) return false
  const { content } = turn
  if (!Array.isArray(content)) return typeof content === 'string'
  return content.every((part: unknown) => isObject(part) && texts.has(part['type']))
}

/** Whether a part is all in the request, and nothing that only its provider understands. */
const isWithin = (part: Part): boolean => {
  switch (part.type) {
    case 'foreign':
      return false
    case 'image':
    case 'document':
    case 'audio':
      return part.source.from === 'bytes' || part.source.from === 'text'
    case 'tool_result':
      return part.parts.every(isWithin)
    default:
      return true
  }
}
