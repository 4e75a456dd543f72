import type { Snippet } from '../snippets.ts'
import type { Message, Question } from './question.ts'

const placeholder = 'YOUR_KEY'

/** The question as programs ask it, with a placeholder where a virtual key belongs. `origin` is that of this page. */
export const codeOf = (origin: string, question: Question): Snippet[] => {
  const openai = `${origin}/gateway/openai/v1`
  const json = JSON.stringify(question, null, 2)
  return [
    {
      id: 'curl',
      title: 'curl',
      text: `curl ${openai}/chat/completions \\
  -H 'Authorization: Bearer ${placeholder}' \\
  -H 'Content-Type: application/json' \\
  --data-binary '${json.replaceAll("'", String.raw`'\''`)}'`,
    },
    {
      id: 'ts',
      title: 'TypeScript',
      text: `import OpenAI from 'openai'

const client = new OpenAI({
  baseURL: '${openai}',
  apiKey: '${placeholder}',
})
const answer = await client.chat.completions.create(${json})
console.log(answer.choices[0]?.message.content)`,
    },
    {
      id: 'python',
      title: 'Python',
      text: `from openai import OpenAI

client = OpenAI(
    base_url="${openai}",
    api_key="${placeholder}",
)
answer = client.chat.completions.create(**${pythonOf(question)})
print(answer.choices[0].message.content)`,
    },
    {
      id: 'anthropic',
      title: 'Anthropic',
      text: `import Anthropic from '@anthropic-ai/sdk'

const client = new Anthropic({
  baseURL: '${origin}/gateway/anthropic',
  apiKey: '${placeholder}',
})
const answer = await client.messages.create(${JSON.stringify(messagesOf(question), null, 2)})
console.log(answer.content)`,
    },
  ]
}

/** A value as Python writes it. */
export const pythonOf = (value: unknown, indent = ''): string => {
  if (value === null || value === undefined) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value !== 'object') return JSON.stringify(value)
  const deeper = `${indent}    `
  const [open, close, members] = Array.isArray(value)
    ? ['[', ']', value.map((one: unknown) => pythonOf(one, deeper))]
    : ['{', '}', Object.entries(value).map(([key, one]) => `${JSON.stringify(key)}: ${pythonOf(one, deeper)}`)]
  if (members.length === 0) return `${open}${close}`
  return `${open}\n${members.map((one) => `${deeper}${one},\n`).join('')}${indent}${close}`
}

type Tool = { function: { name: string; description?: string; parameters?: unknown } }
type Call = { id: string; function: { name: string; arguments: string } }

/** The same on Anthropic's wire, so far as that has words for it. */
export const messagesOf = (question: Question): Record<string, unknown> => {
  const { model, messages, max_completion_tokens: room, temperature, top_p, stop, tools } = question
  const system = messages.filter(({ role }) => role === 'system').map(({ content }) => content)
  return Object.fromEntries(
    Object.entries({
      model,
      max_tokens: room ?? 4096,
      system: system.length === 0 ? undefined : system.join('\n\n'),
      messages: messages.filter(({ role }) => role !== 'system').map(toMessage),
      temperature,
      top_p,
      stop_sequences: stop,
      tools: (tools as Tool[] | undefined)?.map(({ function: { name, description, parameters } }) => ({
        name,
        description,
        input_schema: parameters ?? { type: 'object' },
      })),
    }).filter(([, value]) => value !== undefined),
  )
}

const toMessage = ({ role, content, tool_calls, tool_call_id }: Message): object => {
  if (role === 'tool') return { role: 'user', content: [{ type: 'tool_result', tool_use_id: tool_call_id, content }] }
  const calls = ((tool_calls ?? []) as Call[]).map(({ id, function: { name, arguments: wanted } }) => ({
    type: 'tool_use',
    id,
    name,
    input: parsed(wanted),
  }))
  if (calls.length > 0) return { role, content: [...(content ? [{ type: 'text', text: content }] : []), ...calls] }
  return { role, content: Array.isArray(content) ? content.map(toPart) : content }
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}

const toPart = (part: { type: string; image_url?: { url: string } }): object => {
  const url = part.image_url?.url
  if (url === undefined) return part
  const [, type, data] = /^data:([^;]+);base64,(.*)$/s.exec(url) ?? []
  return {
    type: 'image',
    source: data === undefined ? { type: 'url', url } : { type: 'base64', media_type: type, data },
  }
}
