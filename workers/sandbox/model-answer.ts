import type { ChatRequest } from './model-request.ts'
import { findLead } from './model-lead.ts'
import { answerLead } from './model-reply.ts'
import { fit } from './model-schema.ts'

const GARBAGE = 'Sure! Here is what I think about this lead: {"intent": "buy", "urgency'

const textOf = (content: ChatRequest['messages'][number]['content']): string =>
  typeof content === 'string'
    ? content
    : (content ?? []).map((part) => (part.type === 'text' ? (part.text ?? '') : '')).join('\n')

export type Misbehaviour = 'broken-json' | 'never-json' | 'slow' | 'error'

/** What a `[[model:…]]` mark in the conversation asks the model to do wrong. */
export const misbehaviourOf = (request: ChatRequest): Misbehaviour | undefined => {
  const text = request.messages.map(({ content }) => textOf(content)).join('\n')
  const mark = /\[\[model:(broken-json|never-json|slow|error)\]\]/.exec(text)
  return mark?.[1] as Misbehaviour | undefined
}

/** A conversation in which the model has spoken already is asked to repair. */
const isRepair = (request: ChatRequest): boolean =>
  request.messages.some(({ role }) => role === 'assistant') ||
  request.messages.some(
    ({ role, content }) => role !== 'assistant' && /\b(repair|not valid json|invalid json)\b/i.test(textOf(content)),
  )

/** The text of the answer to a conversation: deterministic, by rules. */
export const answer = (request: ChatRequest): string => {
  const wrong = misbehaviourOf(request)
  if (wrong === 'never-json' || (wrong === 'broken-json' && !isRepair(request))) return GARBAGE
  const asked = request.messages.filter(({ role }) => role === 'user').map(({ content }) => textOf(content))
  const lead = asked.map(findLead).findLast((found) => found !== undefined)
  const format = request.response_format
  if (lead !== undefined) {
    const made = answerLead(lead)
    return JSON.stringify(format?.type === 'json_schema' ? fit(format.json_schema.schema, made) : made)
  }
  const last = (asked.at(-1) ?? '').trim().replaceAll(/\s+/g, ' ').slice(0, 120)
  const text = `I am the sandbox model: I answer dealership leads by rules and know nothing else. You wrote: "${last}"`
  if (format?.type === 'json_schema') return JSON.stringify(fit(format.json_schema.schema, { answer: text, text }))
  return format?.type === 'json_object' ? JSON.stringify({ answer: text }) : text
}
