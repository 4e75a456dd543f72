import type { Choice, Extra, JsonMembers, Part, Reply, Stop, Usage, Written } from '../dialogue.ts'
import { asProvider, bodyOf, known, type Members } from '../members.ts'
import { sealText } from '../seal.ts'
import { Unsayable } from '../unsaid.ts'
import { readContent } from './blocks.ts'
import { inputOf } from './write-block.ts'

const stops: Record<string, Stop> = {
  end_turn: 'end',
  max_tokens: 'length',
  stop_sequence: 'stop_sequence',
  tool_use: 'tool_calls',
  pause_turn: 'pause',
  refusal: 'refusal',
  model_context_window_exceeded: 'context',
}
const reasons = {
  end: 'end_turn',
  other: 'end_turn',
  length: 'max_tokens',
  stop_sequence: 'stop_sequence',
  tool_calls: 'tool_use',
  pause: 'pause_turn',
  refusal: 'refusal',
  filtered: 'refusal',
  context: 'model_context_window_exceeded',
} as const satisfies Record<Stop, string>

/** Why it stopped, in the neutral word; the wire's own too where there is none. */
export const readStop = (told: Members): Pick<Choice, 'stop' | 'sequence' | 'extra'> => {
  const reason = told.text('stop_reason') ?? 'none'
  const stop = stops[reason] ?? 'other'
  const sequence = told.text('stop_sequence')
  const details = told.members('stop_details')
  const own = known({
    stop_details: details?.value,
    stop_reason: stop === 'other' && reason !== 'none' ? reason : undefined,
  })
  const extra: Extra | undefined = Object.keys(own).length === 0 ? undefined : { wire: 'messages', members: own }
  return known({ stop, sequence, extra })
}

export const writeStop = ({ stop, sequence, extra }: Pick<Choice, 'stop' | 'sequence' | 'extra'>, refused: boolean) => {
  const own = extra?.wire === 'messages' ? extra.members : {}
  return {
    stop_reason: own['stop_reason'] ?? reasons[refused && stop === 'end' ? 'refusal' : stop],
    stop_sequence: sequence ?? null,
    stop_details: own['stop_details'] ?? null,
  }
}

/** Only what was told: in a stream it comes in pieces. */
export const readUsage = (usage: Members): Partial<Usage> => {
  const kept = usage.members('cache_creation')
  return known({
    input: usage.number('input_tokens'),
    output: usage.number('output_tokens'),
    cacheRead: usage.number('cache_read_input_tokens'),
    cacheWrite: usage.number('cache_creation_input_tokens'),
    cacheWriteLong: kept?.number('ephemeral_1h_input_tokens') || undefined,
    reasoning: usage.members('output_tokens_details')?.number('thinking_tokens'),
  })
}

export const writeUsage = (usage: Partial<Usage>): JsonMembers => {
  const { input = 0, output = 0, cacheRead = 0, cacheWrite = 0, cacheWriteLong = 0, reasoning } = usage
  return {
    input_tokens: input,
    cache_creation_input_tokens: cacheWrite,
    cache_read_input_tokens: cacheRead,
    output_tokens: output,
    output_tokens_details: reasoning === undefined ? null : { thinking_tokens: reasoning },
    server_tool_use: null,
    cache_creation: {
      ephemeral_5m_input_tokens: Math.max(0, cacheWrite - cacheWriteLong),
      ephemeral_1h_input_tokens: cacheWriteLong,
    },
  }
}

export const tierOf = (usage: Members | undefined): string | undefined => usage?.text('service_tier')

/** Members of an answer that most often say nothing, in the order that Anthropic has them. */
const nothing = { container: null, diagnostics: null }
const nothingUsed = { inference_geo: null, service_tier: null, speed: null }

export const head = (id: string, model: string, tier: string | undefined, usage: Partial<Usage>) => ({
  id,
  type: 'message',
  role: 'assistant',
  model,
  content: [] as JsonMembers[],
  stop_reason: null,
  stop_sequence: null,
  stop_details: null,
  ...nothing,
  usage: { ...writeUsage(usage), ...nothingUsed, ...(tier === undefined ? {} : { service_tier: tier }) },
})

/** Anthropic's answer. One that is malformed is the provider's failure: `Fault('unavailable')`. */
export const readReply = (body: unknown): Reply =>
  asProvider(() => {
    const members = bodyOf(body)
    for (const key of ['type', 'role']) members.take(key)
    const usage = members.members('usage')
    const parts = readContent(members.need('content'))
    const choices: Choice[] = [{ parts, ...readStop(members) }]
    const tier = tierOf(usage)
    return known({
      id: members.text('id') ?? '',
      model: members.text('model') ?? '',
      choices,
      usage: usage && { input: 0, output: 0, ...readUsage(usage) },
      tier,
      extra: members.rest('messages'),
    })
  })

/** What a client of `messages` is answered. */
export const writeReply = (reply: Reply): Written => {
  const notes = new Unsayable('messages')
  const [choice = { parts: [], stop: 'other' as const }, ...others] = reply.choices
  if (others.length > 0) notes.lost('/choices/1', 'messages gives one answer.')
  const refused = choice.parts.some(({ type }) => type === 'refusal')
  const content = choice.parts.flatMap((part, index) => sayBlock(part, `/choices/0/parts/${index}`, notes) ?? [])
  if (choice.logprobs !== undefined) notes.lost('/choices/0/logprobs', 'messages does not tell how likely tokens were.')
  notes.extra(choice.extra, '/choices/0')
  const body = {
    ...head(reply.id, reply.model, reply.tier, reply.usage ?? {}),
    content,
    ...writeStop(choice, refused),
    ...notes.extra(reply.extra, ''),
  }
  return { body, unsaid: notes.unsaid }
}

/** A part of an answer. Thoughts of other wires are told too, with their seals in the place of the signature. */
export const sayBlock = (part: Part, path: string, notes: Unsayable): JsonMembers | undefined => {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text, citations: null, ...notes.extra(part.extra, path) }
    case 'refusal':
      return { type: 'text', text: part.text, citations: null }
    case 'thinking': {
      const sealed = sealText(part.seal, 'messages', part.id)
      if (part.hidden) return { type: 'redacted_thinking', data: sealed }
      return { type: 'thinking', thinking: part.text, signature: sealed }
    }
    case 'tool_call': {
      const input = inputOf(part.arguments)
      if (input === undefined)
        notes.lost(path, 'messages takes arguments as an object; these are told as a text in one.')
      const said = { type: 'tool_use', id: part.id, name: part.name, input: input ?? { unreadable: part.arguments } }
      return { ...said, caller: { type: 'direct' }, ...notes.extra(part.extra, path) }
    }
    case 'foreign':
      return notes.foreign(part, path)
    default:
      return notes.lost(path, `messages has no word for a ${part.type} of the model.`)
  }
}
