import type { Choice, JsonMembers, Part, Reply, Stop, Usage, Written } from '../dialogue.ts'
import { asProvider, bodyOf, known, type Members } from '../members.ts'
import { madeId } from '../tool-id.ts'
import { Unsayable } from '../unsaid.ts'
import { readPart, writeCall, writeMedia, writeText } from './parts.ts'

const stops: Record<string, Stop> = {
  STOP: 'end',
  MAX_TOKENS: 'length',
  SAFETY: 'filtered',
  RECITATION: 'filtered',
  LANGUAGE: 'filtered',
  BLOCKLIST: 'filtered',
  PROHIBITED_CONTENT: 'filtered',
  SPII: 'filtered',
  IMAGE_SAFETY: 'filtered',
  IMAGE_PROHIBITED_CONTENT: 'filtered',
  IMAGE_RECITATION: 'filtered',
}
const reasons: Record<Stop, string> = {
  end: 'STOP',
  stop_sequence: 'STOP',
  tool_calls: 'STOP',
  pause: 'STOP',
  length: 'MAX_TOKENS',
  context: 'MAX_TOKENS',
  filtered: 'SAFETY',
  refusal: 'SAFETY',
  other: 'OTHER',
}

export const stopOf = (reason: string, called: boolean): Pick<Choice, 'stop' | 'extra'> => {
  const stop = stops[reason]
  if (stop === undefined) return { stop: 'other', extra: { wire: 'gemini', members: { finishReason: reason } } }
  return { stop: stop === 'end' && called ? 'tool_calls' : stop }
}

export const reasonOf = ({ stop, extra }: Pick<Choice, 'stop' | 'extra'>): unknown =>
  (extra?.wire === 'gemini' ? extra.members['finishReason'] : undefined) ?? reasons[stop]

const audioOf = (details: Members['value'][string]): number | undefined => {
  const found = Array.isArray(details)
    ? (details as { modality?: string; tokenCount?: number }[]).find(({ modality }) => modality === 'AUDIO')
    : undefined
  return found?.tokenCount || undefined
}

/** Thoughts stand beside the answer here, and what came from the cache is part of the prompt. */
export const readUsage = (usage: Members): Usage => {
  const cacheRead = usage.number('cachedContentTokenCount')
  const reasoning = usage.number('thoughtsTokenCount')
  const prompt = (usage.number('promptTokenCount') ?? 0) + (usage.number('toolUsePromptTokenCount') ?? 0)
  return known({
    input: Math.max(0, prompt - (cacheRead ?? 0)),
    output: (usage.number('candidatesTokenCount') ?? 0) + (reasoning ?? 0),
    cacheRead,
    reasoning,
    audioInput: audioOf(usage.value['promptTokensDetails']),
    audioOutput: audioOf(usage.value['candidatesTokensDetails']),
  })
}

export const writeUsage = ({ input, output, cacheRead, cacheWrite = 0, reasoning }: Usage): JsonMembers => {
  const prompt = input + (cacheRead ?? 0) + cacheWrite
  return known({
    promptTokenCount: prompt,
    cachedContentTokenCount: cacheRead,
    candidatesTokenCount: output - (reasoning ?? 0),
    thoughtsTokenCount: reasoning,
    totalTokenCount: prompt + output,
  })
}

/** Google's answer. One that is malformed is the provider's failure: `Fault('unavailable')`. */
export const readReply = (body: unknown): Reply =>
  asProvider(() => {
    const members = bodyOf(body)
    const id = members.text('responseId') ?? ''
    const blocked = members.members('promptFeedback')?.text('blockReason')
    const choices: Choice[] = (members.list('candidates') ?? []).map((place) => readCandidate(place.members, id))
    if (choices.length === 0 && blocked !== undefined)
      choices.push({ parts: [], stop: 'filtered', extra: { wire: 'gemini', members: { finishReason: blocked } } })
    return known({
      id,
      model: members.text('modelVersion') ?? '',
      choices,
      usage: members.value['usageMetadata'] == null ? undefined : readUsage(members.need('usageMetadata').members),
    })
  })

const readCandidate = (candidate: Members, id: string): Choice => {
  let calls = 0
  const parts: Part[] = []
  for (const place of candidate.members('content')?.list('parts') ?? []) {
    const part = readPart(place.members, (name) => madeId(id, calls, name))
    if (part.type === 'tool_call') calls++
    const last = parts.at(-1)
    if (part.type === 'text' && part.text === '' && part.seal && last?.type === 'text') last.seal = part.seal
    else parts.push(part)
  }
  return { parts, ...stopOf(candidate.text('finishReason') ?? 'none', calls > 0) }
}

export const sayPart = (part: Part, path: string, notes: Unsayable): JsonMembers | undefined => {
  switch (part.type) {
    case 'text':
    case 'refusal':
      notes.extra(part.extra, path)
      return writeText({ ...part, type: 'text' })
    case 'thinking':
      return part.hidden ? notes.passedOver(path, 'gemini has no thoughts that are hidden.') : writeText(part)
    case 'tool_call':
      return writeCall(part, true, path, notes)
    case 'foreign':
      return notes.foreign(part, path)
    case 'tool_result':
      return undefined
    default:
      return writeMedia(part, path, notes)
  }
}

/** What a client of `generateContent` is answered. */
export const writeReply = (reply: Reply): Written => {
  const notes = new Unsayable('gemini')
  const candidates = reply.choices.map((choice, index) => {
    notes.extra(choice.extra, `/choices/${index}`)
    const parts = choice.parts.flatMap((part, at) => sayPart(part, `/choices/${index}/parts/${at}`, notes) ?? [])
    return { content: { role: 'model', parts }, finishReason: reasonOf(choice), index }
  })
  const body = known({
    candidates,
    usageMetadata: reply.usage && writeUsage(reply.usage),
    modelVersion: reply.model,
    responseId: reply.id,
    ...notes.extra(reply.extra, ''),
  })
  return { body, unsaid: notes.unsaid }
}
