import { isObject, type JsonObject } from '#schemas/automation/json.ts'
import * as chat from '#schemas/gateway/wires/chat/index.ts'
import type { Dialogue, FunctionTool, Part, Turn as DialogueTurn } from '#schemas/gateway/wires/dialogue.ts'
import type { Ask, Said, ToolCall, ToolOffer, Turn } from './ask.ts'
import { isStrict } from './shape.ts'
import { fromWire, toWire } from './tool-name.ts'

/** What is asked, as the relay takes it: a body of OpenAI's chat completions. */
export function writeAsk({ model, turns, shape, tools, mayCall }: Ask): JsonObject {
  const dialogue: Dialogue = {
    model,
    turns: turns.map(toTurn),
    temperature: 0,
    ...(shape === null
      ? {}
      : { format: { type: 'schema', name: shape.name, schema: { ...shape.schema }, strict: isStrict(shape.schema) } }),
    ...(tools.length === 0 ? {} : { tools: tools.map(toTool), toolChoice: mayCall ? 'auto' : 'none' }),
  }
  return chat.writeRequest(dialogue).body as JsonObject
}

/** What a whole answer on that wire says: its words, and the tools that it wants used. */
export function readSaid(body: unknown): Said {
  const parts = chat.readReply(body).choices[0]?.parts ?? []
  return {
    text: parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join(''),
    calls: parts.flatMap(toCall),
  }
}

const toTurn = (turn: Turn): DialogueTurn => {
  const text: Part[] = turn.content === '' ? [] : [{ type: 'text', text: turn.content }]
  if (turn.role === 'tool')
    return {
      role: 'tool',
      parts: [{ type: 'tool_result', call: turn.call, parts: [{ type: 'text', text: turn.content }] }],
    }
  if (turn.role !== 'assistant') return { role: turn.role, parts: text }
  const calls = (turn.calls ?? []).map(({ id, name, input }): Part => ({
    type: 'tool_call',
    id,
    name: toWire(name),
    arguments: JSON.stringify(input),
  }))
  return { role: 'assistant', parts: [...text, ...calls] }
}

const toTool = ({ name, about, input }: ToolOffer): FunctionTool => ({
  type: 'function',
  name: toWire(name),
  description: about,
  parameters: { ...input },
})

const toCall = (part: Part): ToolCall[] =>
  part.type === 'tool_call' ? [{ id: part.id, name: fromWire(part.name), input: readInput(part.arguments) }] : []

/** What a model wrote for a tool; what is no JSON object is none, and the tool will say what it misses. */
const readInput = (text: string): JsonObject => {
  try {
    const input: unknown = JSON.parse(text)
    return isObject(input) ? (input as JsonObject) : {}
  } catch {
    return {}
  }
}
