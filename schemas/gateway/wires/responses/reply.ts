import { Fault } from '#schemas/errors.ts'
import type { Choice, JsonMembers, Part, Reply, Stop, Usage, Written } from '../dialogue.ts'
import { asProvider, bodyOf, known, type Members } from '../members.ts'
import { Unsayable } from '../unsaid.ts'
import { readItem } from './items.ts'
import { callItem, idOf, itemsOf, messageItem, type Output, reasoningItem } from './output.ts'

export const readUsage = (usage: Members): Usage => {
  const before = usage.members('input_tokens_details')
  const cacheRead = before?.number('cached_tokens')
  const cacheWrite = before?.number('cache_write_tokens')
  return known({
    input: Math.max(0, (usage.number('input_tokens') ?? 0) - (cacheRead ?? 0) - (cacheWrite ?? 0)),
    output: usage.number('output_tokens') ?? 0,
    cacheRead,
    cacheWrite,
    cacheWriteLong: before?.members('cache_write_tokens_details')?.number('ttl_12h_tokens') || undefined,
    reasoning: usage.members('output_tokens_details')?.number('reasoning_tokens'),
  })
}

export const writeUsage = ({
  input,
  output,
  cacheRead = 0,
  cacheWrite = 0,
  cacheWriteLong,
  reasoning = 0,
}: Usage): JsonMembers => {
  const whole = input + cacheRead + cacheWrite
  const kept = cacheWriteLong && { ttl_30m_tokens: cacheWrite - cacheWriteLong, ttl_12h_tokens: cacheWriteLong }
  return {
    input_tokens: whole,
    input_tokens_details: known({
      cached_tokens: cacheRead,
      cache_write_tokens: cacheWrite,
      cache_write_tokens_details: kept || undefined,
    }),
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: whole + output,
  }
}

/** Why it ended: what it lacks, or that it waits for its tools. */
export const stopOf = (response: Members, called: boolean): Stop => {
  const reason = response.members('incomplete_details')?.text('reason')
  if (reason === 'max_output_tokens') return 'length'
  if (reason === 'content_filter') return 'filtered'
  return reason !== undefined ? 'other' : called ? 'tool_calls' : 'end'
}

/** OpenAI's answer. One that failed or is malformed is the provider's failure: `Fault('unavailable')`. */
export const readReply = (body: unknown): Reply =>
  asProvider(() => {
    const response = bodyOf(body)
    const error = response.members('error')
    if (error !== undefined) throw new Fault('unavailable', error.text('message') ?? 'The answer failed.')
    const parts = response.need('output').list.flatMap((place): Part[] => readItem(place.members).parts)
    const called = parts.some(({ type }) => type === 'tool_call')
    const choice: Choice = { parts, stop: stopOf(response, called) }
    const choices = [choice]
    return known({
      id: response.text('id') ?? '',
      model: response.text('model') ?? '',
      created: response.number('created_at'),
      choices,
      usage: response.value['usage'] == null ? undefined : readUsage(response.need('usage').members),
      tier: response.text('service_tier'),
    })
  })

const reasonOf: Partial<Record<Stop, string>> = {
  length: 'max_output_tokens',
  context: 'max_output_tokens',
  filtered: 'content_filter',
  refusal: 'content_filter',
}

/** The response without its output, as its first events show it too. */
export const responseOf = (reply: Pick<Reply, 'id' | 'model' | 'created' | 'tier'>, status: string): JsonMembers => ({
  id: reply.id,
  object: 'response',
  created_at: reply.created ?? 0,
  status,
  error: null,
  incomplete_details: null,
  instructions: null,
  metadata: {},
  model: reply.model,
  output: [],
  parallel_tool_calls: true,
  temperature: null,
  tool_choice: 'auto',
  tools: [],
  top_p: null,
  ...(reply.tier === undefined ? {} : { service_tier: reply.tier }),
})

export const finished = (item: Output, id: string, path: string, notes: Unsayable): JsonMembers | undefined => {
  if (item.type === 'message') return messageItem(id, item.parts, 'completed')
  if (item.type === 'reasoning') return reasoningItem(id, item.parts)
  if (item.type === 'function_call') return callItem(id, item.part, 'completed')
  if (item.part.type === 'foreign') return notes.foreign(item.part, path)
  return notes.lost(path, `responses has no word for a ${item.part.type} of the model.`)
}

/** What a client of `responses` is answered. `created` is to be filled in by who knows the time. */
export const writeReply = (reply: Reply): Written => {
  const notes = new Unsayable('responses')
  const [choice = { parts: [], stop: 'other' as const }, ...others] = reply.choices
  if (others.length > 0) notes.lost('/choices/1', 'responses gives one answer.')
  if (choice.logprobs !== undefined)
    notes.lost('/choices/0/logprobs', 'responses does not tell how likely tokens were here.')
  notes.extra(choice.extra, '/choices/0')
  notes.extra(reply.extra, '')
  let index = 0
  const output: JsonMembers[] = []
  for (const item of itemsOf(choice.parts)) {
    const said = finished(item, idOf(reply.id, item, index), `/choices/0/parts/${index}`, notes)
    if (said === undefined) continue
    output.push(said)
    index++
  }
  const reason = reasonOf[choice.stop]
  const body = {
    ...responseOf(reply, reason === undefined ? 'completed' : 'incomplete'),
    incomplete_details: reason === undefined ? null : { reason },
    output,
    usage: reply.usage === undefined ? null : writeUsage(reply.usage),
  }
  return { body, unsaid: notes.unsaid }
}
