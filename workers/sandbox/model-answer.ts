import type { Answer, Call, Conversation, Offer } from './model-conversation.ts'
import { knowledgeOf } from './model-facts.ts'
import { findLead } from './model-lead.ts'
import { answerLead } from './model-reply.ts'
import { fit, type Schema } from './model-schema.ts'

const GARBAGE = 'Sure! Here is what I think about this lead: {"intent": "buy", "urgency'

export type Misbehaviour = 'broken-json' | 'never-json' | 'slow' | 'error'

/** What a `[[model:…]]` mark in the conversation asks the model to do wrong. */
export const misbehaviourOf = ({ turns }: Conversation): Misbehaviour | undefined => {
  const text = turns.map((turn) => turn.text).join('\n')
  const mark = /\[\[model:(broken-json|never-json|slow|error)\]\]/.exec(text)
  return mark?.[1] as Misbehaviour | undefined
}

/** A conversation in which the model has spoken already is asked to repair. */
const isRepair = ({ turns }: Conversation): boolean =>
  turns.some(({ role, text }) => role === 'assistant' && text !== '') ||
  turns.some(({ role, text }) => role !== 'assistant' && /\b(repair|not valid json|invalid json)\b/i.test(text))

/** The answer to a conversation: deterministic, by rules. Tools come first, each once, where it knows what they need. */
export const answer = (conversation: Conversation): Answer => {
  const wrong = misbehaviourOf(conversation)
  if (wrong === 'never-json' || (wrong === 'broken-json' && !isRepair(conversation))) return { text: GARBAGE }
  const { choice, tools } = conversation
  const forced = typeof choice === 'object' ? tools.find(({ name }) => name === choice.name) : undefined
  if (forced !== undefined) return { calls: [filled(forced, conversation)] }
  // who has to call something and knows nothing more to ask gives the last one offered what it has: its answer
  const last = choice === 'any' ? tools.at(-1) : undefined
  const calls = choice === 'none' ? [] : askable(last === undefined ? tools : tools.slice(0, -1), conversation)
  if (calls.length > 0) return { calls }
  return last === undefined ? { text: answerText(conversation) } : { calls: [filled(last, conversation)] }
}

const answerText = (conversation: Conversation): string => {
  const { shape } = conversation
  if (shape !== null && shape !== 'json') return JSON.stringify(valueOf(shape, conversation))
  const lead = leadIn(conversation)
  if (lead !== undefined) return JSON.stringify(lead)
  const { excerpt } = knowledgeOf(conversation)
  const text = `I am the sandbox model: I answer by rules and know nothing but what you tell me. You wrote: "${excerpt}"`
  return shape === 'json' ? JSON.stringify({ answer: text }) : text
}

const filled = ({ name, schema }: Offer, conversation: Conversation): Call => ({
  name,
  input: valueOf({ type: 'object', ...schema }, conversation),
})

/** A reading where there is a lead, and for all other fields what the conversation says of them. */
const valueOf = (schema: Schema, conversation: Conversation) =>
  fit(schema, leadIn(conversation), knowledgeOf(conversation).guess)

const leadIn = ({ turns }: Conversation) => {
  const lead = turns
    .flatMap(({ role, text }) => (role === 'user' ? [findLead(text)] : []))
    .findLast((one) => one !== undefined)
  return lead === undefined ? undefined : answerLead(lead)
}

/** The tools it has not used yet and can give all they need. */
const askable = (tools: readonly Offer[], conversation: Conversation): Call[] => {
  const { known } = knowledgeOf(conversation)
  return tools.flatMap(({ name, schema }) => {
    if (conversation.called.includes(name)) return []
    const properties = Object.entries((schema['properties'] ?? {}) as Record<string, Schema>)
    const required = (schema['required'] ?? []) as string[]
    const given = properties.flatMap(([field, part]) => {
      const fact = known(field, part)
      return fact === undefined ? [] : [[field, fit(part, fact)]]
    })
    const names = new Set(given.map(([field]) => field))
    const enough = required.every((field) => names.has(field)) && (given.length > 0 || properties.length === 0)
    return enough ? [{ name, input: Object.fromEntries(given) as unknown }] : []
  })
}
