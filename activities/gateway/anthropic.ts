import Anthropic from '@anthropic-ai/sdk'
import type { JsonObject } from '#schemas/automation/json.ts'
import { traceHeaders } from '#temporal/tracing.ts'
import type { Ask, Provider, ToolOffer, Turn } from './ask.ts'
import { modelFault } from './openai.ts'
import { fromWire, toWire } from './tool-name.ts'

type Message = Anthropic.MessageParam

/** One message over the Anthropic wire; an answer of a shape comes as the input of a tool that takes just that. */
export const completeWithAnthropic: Provider = async (config, ask) => {
  const { turns, shape, signal } = ask
  const client = new Anthropic({ apiKey: config.key, baseURL: config.url ?? null, maxRetries: 0, timeout: 25_000 })
  const system = turns.flatMap((turn) => (turn.role === 'system' ? [turn.content] : [])).join('\n\n')
  try {
    const reply = await client.messages.create(
      {
        model: config.model,
        max_tokens: 4096,
        ...(system === '' ? {} : { system }),
        messages: merged(turns.flatMap(toMessage)),
        ...toolsOf(ask),
      },
      { headers: traceHeaders(), ...(signal === undefined ? {} : { signal }) },
    )
    const used = reply.content.filter((block) => block.type === 'tool_use')
    const answered = used.find(({ name }) => name === shape?.name)
    if (answered !== undefined) return { text: JSON.stringify(answered.input), calls: [] }
    const calls = used.map(({ id, name, input }) => ({ id, name: fromWire(name), input: input as JsonObject }))
    const texts = reply.content.flatMap((block) => (block.type === 'text' ? [block.text] : []))
    return { text: texts.join('\n'), calls: ask.mayCall ? calls : [] }
  } catch (error) {
    throw modelFault(error)
  }
}

/** The tool that takes the answer stands last; it is forced once it is time to answer. */
const toolsOf = ({ tools, shape, mayCall }: Ask): Pick<Anthropic.MessageCreateParams, 'tools' | 'tool_choice'> => {
  const offered = tools.map(toTool)
  if (shape === null)
    return offered.length === 0 ? {} : { tools: offered, tool_choice: { type: mayCall ? 'auto' : 'none' } }
  const answer = { name: shape.name, description: 'Give the answer.', input_schema: objectOf(shape.schema) }
  return {
    tools: [...offered, answer],
    tool_choice: mayCall ? { type: 'any' } : { type: 'tool', name: shape.name },
  }
}

const objectOf = (schema: object): Anthropic.Tool.InputSchema => ({ ...schema, type: 'object' })
const toTool = ({ name, about, input }: ToolOffer): Anthropic.Tool => ({
  name: toWire(name),
  description: about,
  input_schema: objectOf(input),
})

const toMessage = (turn: Turn): Message[] => {
  if (turn.role === 'system') return []
  if (turn.role === 'tool')
    return [{ role: 'user', content: [{ type: 'tool_result', tool_use_id: turn.call, content: turn.content }] }]
  const calls = turn.role === 'assistant' ? (turn.calls ?? []) : []
  if (calls.length === 0) return [{ role: turn.role, content: turn.content }]
  const text = turn.content === '' ? [] : [{ type: 'text' as const, text: turn.content }]
  const used = calls.map(({ id, name, input }) => ({ type: 'tool_use' as const, id, name: toWire(name), input }))
  return [{ role: 'assistant', content: [...text, ...used] }]
}

/** Results of tools that were called together belong into one message. */
const merged = (messages: Message[]): Message[] =>
  messages.reduce<Message[]>((all, message) => {
    const before = all.at(-1)
    if (before?.role === message.role && Array.isArray(before.content) && Array.isArray(message.content))
      before.content = [...before.content, ...message.content]
    else all.push(message)
    return all
  }, [])
