import type { ChatRequest } from './model-request.ts'

export type Offer = { name: string; schema: Record<string, unknown> }

/** What a request says, whichever wire it came by. */
export type Conversation = {
  turns: { role: 'system' | 'user' | 'assistant' | 'tool'; text: string }[]
  tools: Offer[]
  /** Names of the tools that were called so far. */
  called: string[]
  /** Whether it may call tools, has to, or has to call this one. */
  choice: 'auto' | 'any' | 'none' | { name: string }
  /** The shape of the answer: a JSON Schema, any JSON, or a text. */
  shape: Record<string, unknown> | 'json' | null
}

export type Call = { name: string; input: unknown }
export type Answer = { text: string } | { calls: Call[] }

const textOf = (content: ChatRequest['messages'][number]['content']): string =>
  typeof content === 'string'
    ? content
    : (content ?? []).map((part) => (part.type === 'text' ? (part.text ?? '') : '')).join('\n')

/** A chat completion as a conversation. */
export const fromChat = ({ messages, tools, tool_choice, response_format }: ChatRequest): Conversation => ({
  turns: messages.map(({ role, content }) => ({ role: role === 'developer' ? 'system' : role, text: textOf(content) })),
  tools: (tools ?? []).map(({ function: { name, parameters } }) => ({ name, schema: parameters ?? {} })),
  called: messages.flatMap((message) => (message.tool_calls ?? []).map((call) => call.function.name)),
  choice:
    typeof tool_choice === 'object' && tool_choice !== null
      ? { name: tool_choice.function.name }
      : tool_choice === 'required'
        ? 'any'
        : (tool_choice ?? 'auto'),
  shape:
    response_format?.type === 'json_schema'
      ? response_format.json_schema.schema
      : response_format?.type === 'json_object'
        ? 'json'
        : null,
})
