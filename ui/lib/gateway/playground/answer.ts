import type { PlaygroundAnswer } from '#schemas/gateway/playgrounds.ts'

/** Reads Server-Sent Events in whatever pieces they come; gives the data of those that are whole. */
export class Events {
  #rest = ''

  push(piece: string): string[] {
    const all = `${this.#rest}${piece}`.replaceAll('\r\n', '\n').split('\n\n')
    this.#rest = all.pop() ?? ''
    return all.flatMap((event) => {
      const lines = event.split('\n').filter((line) => line.startsWith('data:'))
      return lines.length === 0 ? [] : [lines.map((line) => line.slice(line[5] === ' ' ? 6 : 5)).join('\n')]
    })
  }
}

type Delta = {
  content?: string | null
  refusal?: string | null
  reasoning_content?: string | null
  reasoning?: string | null
  tool_calls?: { index: number; id?: string; function?: { name?: string; arguments?: string } }[]
}
type Chunk = {
  choices?: { delta?: Delta; finish_reason?: string | null }[]
  usage?: {
    prompt_tokens?: number
    completion_tokens?: number
    prompt_tokens_details?: { cached_tokens?: number } | null
    completion_tokens_details?: { reasoning_tokens?: number } | null
  } | null
  error?: { message?: string }
}

/** Takes one event of a stream into an answer; says whether it was the first word. */
export function take(answer: PlaygroundAnswer, data: string): boolean {
  if (data === '[DONE]') return false
  const { choices = [], usage, error } = JSON.parse(data) as Chunk
  if (error !== undefined) {
    answer.state = 'failed'
    answer.error = { title: 'The answer broke off.', detail: error.message ?? null }
  }
  if (usage)
    answer.tokens = {
      input: usage.prompt_tokens ?? 0,
      cached: usage.prompt_tokens_details?.cached_tokens ?? 0,
      output: usage.completion_tokens ?? 0,
      reasoning: usage.completion_tokens_details?.reasoning_tokens ?? 0,
    }
  const [choice] = choices
  if (choice === undefined) return false
  if (choice.finish_reason) answer.finish = choice.finish_reason
  const { content, refusal, reasoning_content, reasoning, tool_calls = [] } = choice.delta ?? {}
  const thought = reasoning_content ?? reasoning ?? ''
  answer.text += (content ?? '') + (refusal ?? '')
  answer.thought += thought
  for (const { index, id, function: called } of tool_calls) {
    const call = (answer.calls[index] ??= { id: id ?? `call_${index}`, name: '', arguments: '', result: null })
    call.name += called?.name ?? ''
    call.arguments += called?.arguments ?? ''
  }
  return Boolean(content) || Boolean(refusal) || thought !== '' || tool_calls.length > 0
}

const finishes: Readonly<Record<string, string>> = {
  stop: 'finished',
  length: 'out of room: raise the most tokens',
  tool_calls: 'wants tools',
  content_filter: 'held back by the provider',
}
/** Why it ended, in words. */
export const finishText = (finish: string | null): string | null =>
  finish === null ? null : (finishes[finish] ?? finish)

/** What can be done about a refusal, by its code. */
export const adviceOf = (code: unknown): string | null => {
  if (typeof code !== 'string') return null
  return advice[code] ?? null
}
const advice: Readonly<Record<string, string>> = {
  model_not_found: 'Choose another model, or add a route of this name.',
  insufficient_quota: 'Wait until the budget is renewed, or raise it under Budgets.',
  price_unknown: 'Set a price for it under Prices.',
  model_not_able: 'Choose a model that can do this, or say what it can do on its route.',
  denied_by_rule: 'A rule of Steering holds it back.',
  guardrail_blocked: 'A guardrail held it back.',
  context_length_exceeded: 'Make the conversation shorter, or choose a model with more room.',
}
