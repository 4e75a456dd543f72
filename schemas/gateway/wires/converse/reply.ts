import type { Choice, Extra, JsonMembers, Part, Reply, Stop, Usage, Written } from '../dialogue.ts'
import { asProvider, bodyOf, isObject, known, type Members } from '../members.ts'
import { inputOf } from '../messages/write-block.ts'
import { sealText } from '../seal.ts'
import { Unsayable } from '../unsaid.ts'
import { readBlocks } from './blocks.ts'

const stops: Record<string, Stop> = {
  end_turn: 'end',
  tool_use: 'tool_calls',
  max_tokens: 'length',
  stop_sequence: 'stop_sequence',
  guardrail_intervened: 'filtered',
  content_filtered: 'filtered',
  model_context_window_exceeded: 'context',
}
const reasons: Record<Stop, string> = {
  end: 'end_turn',
  other: 'end_turn',
  pause: 'end_turn',
  tool_calls: 'tool_use',
  length: 'max_tokens',
  stop_sequence: 'stop_sequence',
  filtered: 'content_filtered',
  refusal: 'content_filtered',
  context: 'model_context_window_exceeded',
}

export const stopOf = (reason: string): Pick<Choice, 'stop' | 'extra'> => {
  const stop = stops[reason]
  const extra: Extra = { wire: 'converse', members: { stopReason: reason } }
  return stop === undefined ? { stop: 'other', extra } : { stop }
}
export const reasonOf = ({ stop, extra }: Pick<Choice, 'stop' | 'extra'>): unknown =>
  (extra?.wire === 'converse' ? extra.members['stopReason'] : undefined) ?? reasons[stop]

export const readUsage = (usage: Members): Usage => {
  const details = usage
    .list('cacheDetails')
    ?.map(({ members }) => [members.text('ttl'), members.number('inputTokens')] as const)
  return known({
    input: usage.number('inputTokens') ?? 0,
    output: usage.number('outputTokens') ?? 0,
    cacheRead: usage.number('cacheReadInputTokens'),
    cacheWrite: usage.number('cacheWriteInputTokens'),
    cacheWriteLong: details?.find(([ttl]) => ttl === '1h')?.[1] || undefined,
  })
}

export const writeUsage = ({ input, output, cacheRead, cacheWrite }: Usage): JsonMembers =>
  known({
    inputTokens: input,
    outputTokens: output,
    totalTokens: input + output + (cacheRead ?? 0) + (cacheWrite ?? 0),
    cacheReadInputTokens: cacheRead,
    cacheWriteInputTokens: cacheWrite,
  })

/** Bedrock's answer; its id stands in a header. One that is malformed is the provider's failure: `Fault('unavailable')`. */
export const readReply = (body: unknown, told: { id?: string; model?: string } = {}): Reply =>
  asProvider(() => {
    const members = bodyOf(body)
    const message = members.need('output').members.need('message').members
    const choice: Choice = {
      parts: readBlocks(message.need('content').list),
      ...stopOf(members.text('stopReason') ?? 'none'),
    }
    const choices = [choice]
    members.take('metrics')
    return known({
      id: told.id ?? '',
      model: told.model ?? '',
      choices,
      usage: isObject(members.value['usage']) ? readUsage(members.need('usage').members) : undefined,
      tier: members.members('serviceTier')?.text('type'),
      extra: members.rest('converse'),
    })
  })

export const sayBlock = (part: Part, path: string, notes: Unsayable): JsonMembers | undefined => {
  if (part.type === 'foreign') return notes.foreign(part, path)
  notes.extra(part.extra, path)
  switch (part.type) {
    case 'text':
    case 'refusal':
      return { text: part.text }
    case 'thinking': {
      if (part.hidden) return { reasoningContent: { redactedContent: sealText(part.seal, 'converse', part.id) } }
      const signature = part.seal && sealText(part.seal, 'messages', part.id)
      return { reasoningContent: { reasoningText: known({ text: part.text, signature }) } }
    }
    case 'tool_call':
      return {
        toolUse: {
          toolUseId: part.id,
          name: part.name,
          input: inputOf(part.arguments) ?? { unreadable: part.arguments },
        },
      }
    default:
      return notes.lost(path, `converse has no word for a ${part.type} of the model.`)
  }
}

/** What a client of `converse` is answered. */
export const writeReply = (reply: Reply): Written => {
  const notes = new Unsayable('converse')
  const [choice = { parts: [], stop: 'other' as const }, ...others] = reply.choices
  if (others.length > 0) notes.lost('/choices/1', 'converse gives one answer.')
  const content = choice.parts.flatMap((part, index) => sayBlock(part, `/choices/0/parts/${index}`, notes) ?? [])
  const body = known({
    output: { message: { role: 'assistant', content } },
    stopReason: reasonOf(choice),
    usage: writeUsage(reply.usage ?? { input: 0, output: 0 }),
    metrics: { latencyMs: 0 },
    serviceTier: reply.tier === undefined ? undefined : { type: reply.tier },
    ...notes.extra(reply.extra, ''),
  })
  return { body, unsaid: notes.unsaid }
}
