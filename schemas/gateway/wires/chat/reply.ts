import { Fault } from '#schemas/errors.ts'
import type { Choice, Extra, JsonMembers, Part, Reply, Stop, Usage, Written } from '../dialogue.ts'
import { asProvider, bodyOf, known, type Members } from '../members.ts'
import { Unsayable } from '../unsaid.ts'
import { readContent } from './parts.ts'
import { readCalls } from './read.ts'
import { readThoughts, writeThoughts } from './thoughts.ts'
import { sayCall } from './write.ts'

const stops: Record<string, Stop> = {
  stop: 'end',
  length: 'length',
  tool_calls: 'tool_calls',
  function_call: 'tool_calls',
  content_filter: 'filtered',
  // Mistral
  model_length: 'context',
}
const reasons = {
  end: 'stop',
  stop_sequence: 'stop',
  pause: 'stop',
  other: 'stop',
  length: 'length',
  context: 'length',
  tool_calls: 'tool_calls',
  refusal: 'content_filter',
  filtered: 'content_filter',
} as const satisfies Record<Stop, string>

export const reasonOf = (stop: Stop): string => reasons[stop]

/** A forced tool ends with `stop` at OpenAI, and any tool at some others: who called a tool waits for its result. */
export const stopOf = (reason: string | undefined, called: boolean): Stop => {
  const stop = reason === undefined ? 'other' : (stops[reason] ?? 'other')
  return stop === 'end' && called ? 'tool_calls' : stop
}

export const unknownReason = (reason: string | undefined): Extra | undefined =>
  reason === undefined || stops[reason] !== undefined ? undefined : { wire: 'chat', members: { finish_reason: reason } }

const some = (count: number | undefined): number | undefined => (count === undefined || count === 0 ? undefined : count)

export const readUsage = (usage: Members): Usage => {
  const before = usage.members('prompt_tokens_details')
  const after = usage.members('completion_tokens_details')
  // DeepSeek tells what came from its cache beside the details
  const cacheRead = before?.number('cached_tokens') ?? usage.number('prompt_cache_hit_tokens')
  const cacheWrite = before?.number('cache_write_tokens')
  return known({
    input: Math.max(0, (usage.number('prompt_tokens') ?? 0) - (cacheRead ?? 0) - (cacheWrite ?? 0)),
    output: usage.number('completion_tokens') ?? 0,
    cacheRead,
    cacheWrite,
    reasoning: after?.number('reasoning_tokens'),
    audioInput: some(before?.number('audio_tokens')),
    audioOutput: some(after?.number('audio_tokens')),
  })
}

export const writeUsage = (usage: Usage): JsonMembers => {
  const { input, output, cacheRead, cacheWrite, reasoning, audioInput, audioOutput } = usage
  const prompt = input + (cacheRead ?? 0) + (cacheWrite ?? 0)
  const before = known({ cached_tokens: cacheRead, cache_write_tokens: cacheWrite, audio_tokens: audioInput })
  const after = known({ reasoning_tokens: reasoning, audio_tokens: audioOutput })
  return {
    prompt_tokens: prompt,
    completion_tokens: output,
    total_tokens: prompt + output,
    ...(Object.keys(before).length === 0 ? {} : { prompt_tokens_details: before }),
    ...(Object.keys(after).length === 0 ? {} : { completion_tokens_details: after }),
  }
}

/** A provider's answer. One that is malformed is the provider's failure: `Fault('unavailable')`. */
export const readReply = (body: unknown): Reply =>
  asProvider(() => {
    const members = bodyOf(body)
    members.take('object')
    const error = members.members('error')
    // some answer 200 and tell in the body that they failed
    if (error !== undefined) throw new Fault('unavailable', error.text('message'))
    return known({
      id: members.text('id') ?? '',
      model: members.text('model') ?? '',
      created: members.number('created'),
      choices: members.need('choices').list.map((place) => readChoice(place.members)),
      usage: members.value['usage'] == null ? undefined : readUsage(members.need('usage').members),
      tier: members.text('service_tier'),
      extra: members.rest('chat'),
    })
  })

const readChoice = (choice: Members): Choice => {
  const message = choice.need('message').members
  const content = message.take('content')
  const refusal = message.text('refusal')
  const parts: Part[] = [
    ...readThoughts(message),
    ...(content === undefined || content.value === '' ? [] : readContent(content)),
    ...(refusal === undefined ? [] : [{ type: 'refusal', text: refusal } as const]),
    ...readCalls(message),
  ]
  message.take('role')
  if (Array.isArray(message.value['annotations']) && message.value['annotations'].length === 0)
    message.take('annotations')
  const reason = choice.text('finish_reason')
  const rest = message.rest('chat') ?? unknownReason(reason)
  return known({
    parts,
    stop: stopOf(
      reason,
      parts.some(({ type }) => type === 'tool_call'),
    ),
    logprobs: choice.take('logprobs')?.value,
    extra: rest,
  })
}

/** What a client of `chat/completions` is answered. `created` is to be filled in by who knows the time. */
export const writeReply = (reply: Reply): Written => {
  const notes = new Unsayable('chat')
  const { id, model, created = 0, usage, tier } = reply
  const choices = reply.choices.map((choice, index) => writeChoice(choice, index, notes))
  const body: JsonMembers = known({
    id,
    object: 'chat.completion',
    created,
    model,
    choices,
    usage: usage && writeUsage(usage),
    service_tier: tier,
    ...notes.extra(reply.extra, ''),
  })
  return { body, unsaid: notes.unsaid }
}

const writeChoice = (choice: Choice, index: number, notes: Unsayable): JsonMembers => {
  const path = `/choices/${index}`
  const { parts, stop, logprobs } = choice
  const text = parts.filter((part) => part.type === 'text')
  const refusals = parts.filter((part) => part.type === 'refusal')
  const calls = parts.filter((part) => part.type === 'tool_call')
  const foreign = parts.flatMap((part, at) =>
    part.type === 'foreign' ? (notes.foreign(part, `${path}/parts/${at}`) ?? []) : [],
  )
  for (const [at, { type }] of parts.entries())
    if (type === 'image' || type === 'audio' || type === 'document')
      notes.lost(`${path}/parts/${at}`, `chat has no word for a ${type} of the model.`)
  for (const [at, part] of parts.entries()) if (part.type === 'text') notes.extra(part.extra, `${path}/parts/${at}`)
  const { finish_reason, ...extra } = notes.extra(choice.extra, path)
  return {
    index,
    message: {
      role: 'assistant',
      content: text.length === 0 ? null : text.map((part) => part.text).join(''),
      refusal: refusals.length === 0 ? null : refusals.map((part) => part.text).join(''),
      ...writeThoughts(
        parts.filter((part) => part.type === 'thinking'),
        'reasoning_content',
      ),
      ...(calls.length + foreign.length === 0 ? {} : { tool_calls: [...calls.map(sayCall), ...foreign] }),
      ...extra,
    },
    logprobs: logprobs ?? null,
    finish_reason: finish_reason ?? reasonOf(stop),
  }
}
