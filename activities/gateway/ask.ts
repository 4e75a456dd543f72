import type { Json, JsonObject, JsonSchema } from '#schemas/automation/json.ts'

export type ModelConfig = {
  provider: 'openai' | 'anthropic'
  url?: string | undefined
  key: string
  model: string
  sandbox: boolean
}

/** A tool that a model asks for; `id` ties its result to the asking. */
export type ToolCall = { id: string; name: string; input: JsonObject }

export type Turn =
  | { role: 'system' | 'user'; content: string }
  | { role: 'assistant'; content: string; calls?: readonly ToolCall[] }
  | { role: 'tool'; call: string; content: string }

export type ToolOffer = { name: string; about: string; input: JsonSchema }

/** The shape of an answer; always an object, since both wires know no other. */
export type Shape = { name: string; schema: JsonSchema }

export type Ask = {
  turns: readonly Turn[]
  shape: Shape | null
  tools: readonly ToolOffer[]
  /** False where it is time to answer. */
  mayCall: boolean
  signal?: AbortSignal | undefined
}
export type Said = { text: string; calls: ToolCall[] }

/** One turn of a model, over its provider's wire. */
export type Provider = (config: ModelConfig, ask: Ask) => Promise<Said>

export type Tool = ToolOffer & { use(input: JsonObject): Promise<Json> }
