import type { JsonMembers, ThinkingPart, WireName } from '../dialogue.ts'
import { known, type Members, type Place } from '../members.ts'

/**
 * Thoughts on the chat wire, which OpenAI's own has not: `reasoning_content` (DeepSeek, vLLM) or `reasoning` (OpenRouter, Ollama) for
 * the text, and `reasoning_details` (OpenRouter) for what is signed or encrypted, so that a client that sends the
 * message back brings the seal back with it.
 */
const formats: Partial<Record<WireName, string>> = {
  messages: 'anthropic-claude-v1',
  responses: 'openai-responses-v1',
  gemini: 'google-gemini-v1',
}
const wireOf = (format: string | undefined): WireName =>
  (Object.keys(formats) as WireName[]).find((wire) => formats[wire] === format) ?? 'chat'

const readDetail = (place: Place): ThinkingPart[] => {
  const detail = place.members
  const type = detail.text('type')
  const wire = wireOf(detail.text('format'))
  const id = detail.text('id')
  if (type === 'reasoning.encrypted')
    return [known({ type: 'thinking', text: '', hidden: true, seal: { wire, data: detail.need('data').text }, id })]
  const text = detail.text('text') ?? detail.text('summary') ?? ''
  const signature = detail.text('signature') ?? detail.text('data')
  const seal = signature === undefined ? undefined : { wire, data: signature }
  return [known({ type: 'thinking', text, seal, summary: type === 'reasoning.summary' ? true : undefined, id })]
}

export const readThoughts = (message: Members): ThinkingPart[] => {
  const plain = [message.text('reasoning_content'), message.text('reasoning')].find(
    (text) => text !== undefined && text !== '',
  )
  const details = message.list('reasoning_details')
  if (details !== undefined && details.length > 0) return details.flatMap(readDetail)
  return plain === undefined ? [] : [{ type: 'thinking', text: plain }]
}

export const writeDetail = ({ text, seal, summary, hidden, id }: ThinkingPart): JsonMembers => {
  const format = formats[seal?.wire ?? 'chat'] ?? 'unknown'
  if (hidden) return known({ type: 'reasoning.encrypted', data: seal?.data ?? '', id, format })
  if (summary) return known({ type: 'reasoning.summary', summary: text, data: seal?.data, id, format })
  return known({ type: 'reasoning.text', text, signature: seal?.data, id, format })
}

/** `details`: whether one of them cannot be told by its text alone. */
export const writeThoughts = (
  parts: readonly ThinkingPart[],
  member: 'reasoning_content' | 'reasoning',
): JsonMembers => {
  if (parts.length === 0) return {}
  const text = parts.map((part) => part.text).join('')
  const plain =
    parts.length === 1 && parts[0] !== undefined && !parts[0].seal && !parts[0].summary && parts[0].id === undefined
  return {
    ...(text === '' ? {} : { [member]: text }),
    ...(plain ? {} : { reasoning_details: parts.map(writeDetail) }),
  }
}
