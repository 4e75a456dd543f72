import type { Json, JsonObject, JsonSchema } from '#schemas/automation/json.ts'

/** A tool that a model asks for; `id` ties its result to the asking. */
export type ToolCall = { id: string; name: string; input: JsonObject }

export type Turn =
  | { role: 'system' | 'user'; content: string }
  | { role: 'assistant'; content: string; calls?: readonly ToolCall[] }
  | { role: 'tool'; call: string; content: string }

export type ToolOffer = { name: string; about: string; input: JsonSchema }

/** The shape of an answer; always an object, since the wires know no other. */
export type Shape = { name: string; schema: JsonSchema }

export type Ask = {
  /** The alias that is asked. */
  model: string
  turns: readonly Turn[]
  shape: Shape | null
  tools: readonly ToolOffer[]
  /** False where it is time to answer. */
  mayCall: boolean
}
export type Said = { text: string; calls: ToolCall[] }

export type Tool = ToolOffer & { use(input: JsonObject): Promise<Json> }
