import OpenAI from 'openai'
import { isObject, type JsonObject } from '#schemas/automation/json.ts'
import { Fault } from '#schemas/errors.ts'
import { traceHeaders } from '#temporal/tracing.ts'
import type { Provider, ToolCall, ToolOffer, Turn } from './ask.ts'
import { isStrict } from './shape.ts'
import { fromWire, toWire } from './tool-name.ts'

type Message = OpenAI.ChatCompletionMessageParam

/** One chat completion over the OpenAI wire. Retries are the activity's, so the client makes none. */
export const completeWithOpenai: Provider = async (config, { turns, shape, tools, mayCall, signal }) => {
  const client = new OpenAI({ apiKey: config.key, baseURL: config.url ?? null, maxRetries: 0, timeout: 25_000 })
  try {
    const reply = await client.chat.completions.create(
      {
        model: config.model,
        messages: turns.map(toMessage),
        temperature: 0,
        ...(shape === null
          ? {}
          : {
              response_format: {
                type: 'json_schema',
                json_schema: { ...shape, schema: { ...shape.schema }, strict: isStrict(shape.schema) },
              },
            }),
        ...(tools.length === 0 ? {} : { tools: tools.map(toTool), tool_choice: mayCall ? 'auto' : 'none' }),
      },
      { headers: traceHeaders(), ...(signal === undefined ? {} : { signal }) },
    )
    const message = reply.choices[0]?.message
    return { text: message?.content ?? '', calls: mayCall ? (message?.tool_calls ?? []).flatMap(toCall) : [] }
  } catch (error) {
    throw modelFault(error)
  }
}

const toMessage = (turn: Turn): Message => {
  if (turn.role === 'tool') return { role: 'tool', tool_call_id: turn.call, content: turn.content }
  if (turn.role !== 'assistant' || turn.calls === undefined) return { role: turn.role, content: turn.content }
  return {
    role: 'assistant',
    content: turn.content === '' ? null : turn.content,
    tool_calls: turn.calls.map(({ id, name, input }) => ({
      id,
      type: 'function',
      function: { name: toWire(name), arguments: JSON.stringify(input) },
    })),
  }
}

const toTool = ({ name, about, input }: ToolOffer): OpenAI.ChatCompletionTool => ({
  type: 'function',
  function: { name: toWire(name), description: about, parameters: { ...input } },
})

const toCall = (call: OpenAI.ChatCompletionMessageToolCall): ToolCall[] =>
  call.type === 'function'
    ? [{ id: call.id, name: fromWire(call.function.name), input: readInput(call.function.arguments) }]
    : []

/** What a model wrote for a tool; what is no JSON object is none, and the tool will say what it misses. */
const readInput = (text: string): JsonObject => {
  try {
    const input: unknown = JSON.parse(text)
    return isObject(input) ? (input as JsonObject) : {}
  } catch {
    return {}
  }
}

/** 4xx other than 408, 409 and 429 will not get better by asking again. */
export const modelFault = (error: unknown): unknown => {
  const status = (error as { status?: unknown }).status
  const message = error instanceof Error ? error.message : String(error)
  if (typeof status === 'number' && status >= 400 && status < 500 && ![408, 409, 429].includes(status))
    return new Fault('model_refused', `The model refused: ${message}`, {}, error)
  return new Fault('unavailable', `The model does not answer: ${message}`, {}, error)
}
