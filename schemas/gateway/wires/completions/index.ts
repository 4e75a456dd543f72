import { writeUsage } from '../chat/reply.ts'
import { readStop } from '../chat/read.ts'
import { errorBody } from '../chat/failure.ts'
import type { Change, ServerEvent, StreamWriter } from '../change.ts'
import type { Dialogue, JsonMembers, Reply, Stop, Usage, Written } from '../dialogue.ts'
import { bodyOf, known, refuse } from '../members.ts'
import { Unsayable } from '../unsaid.ts'

export { writeError } from '../chat/failure.ts'

/**
 * The wire of before chat, as a server alone: a prompt is what a user says, and the text of the answer is what follows it. One
 * prompt a request; of several, or of tokens by their numbers, nobody who speaks another wire could make anything.
 */
export const readRequest = (body: unknown): Dialogue => {
  const members = bodyOf(body)
  const model = members.need('model').text
  const given = members.need('prompt')
  const several = Array.isArray(given.value) && (given.value.length !== 1 || typeof given.value[0] !== 'string')
  if (several) refuse('/prompt', 'must be one text.')
  const text = Array.isArray(given.value) ? String(given.value[0]) : given.text
  const options = members.members('stream_options')
  return known({
    model,
    turns: [{ role: 'user', parts: [{ type: 'text', text }] }] as Dialogue['turns'],
    maxTokens: members.number('max_tokens'),
    temperature: members.number('temperature'),
    topP: members.number('top_p'),
    stop: readStop(members.take('stop')),
    seed: members.number('seed'),
    presencePenalty: members.number('presence_penalty'),
    frequencyPenalty: members.number('frequency_penalty'),
    choices: members.number('n'),
    stream: members.flag('stream'),
    streamUsage: options?.flag('include_usage'),
    user: members.text('user'),
    // what only completions could do: suffix, echo, best_of, logprobs, logit_bias
    extra: members.rest('completions'),
  })
}

const reasonOf = (stop: Stop): string => {
  if (stop === 'length' || stop === 'context') return 'length'
  return stop === 'filtered' || stop === 'refusal' ? 'content_filter' : 'stop'
}

const head = ({ id, model, created = 0 }: Pick<Reply, 'id' | 'model' | 'created'>) => ({
  id,
  object: 'text_completion',
  created,
  model,
})

/** What a client of `completions` is answered: texts, and nothing else that was said. */
export const writeReply = (reply: Reply): Written => {
  const notes = new Unsayable('completions')
  const choices = reply.choices.map(({ parts, stop }, index) => {
    for (const [at, { type }] of parts.entries())
      if (type !== 'text' && type !== 'refusal')
        notes.lost(`/choices/${index}/parts/${at}`, `completions has no word for a ${type}.`)
    const text = parts.map((part) => (part.type === 'text' || part.type === 'refusal' ? part.text : '')).join('')
    return { text, index, logprobs: null, finish_reason: reasonOf(stop) }
  })
  const { usage } = reply
  return {
    body: { ...head(reply), choices, ...(usage === undefined ? {} : { usage: writeUsage(usage) }) },
    unsaid: notes.unsaid,
  }
}

/** Writes the texts among changes as chunks of completions. */
export const streamWriter = ({ usage: asked }: { usage: boolean }): StreamWriter => {
  let begun: JsonMembers = {}
  const usage: Partial<Usage> = {}
  const spoken = new Set<string>()
  const say = (choices: object[], told: JsonMembers | null = null): ServerEvent => ({
    data: JSON.stringify({ ...begun, choices, ...(asked ? { usage: told } : {}) }),
  })
  const text = (index: number, said: string) =>
    said === '' ? [] : [say([{ text: said, index, logprobs: null, finish_reason: null }])]
  const write = (change: Change): ServerEvent[] => {
    switch (change.type) {
      case 'begin':
        begun = head(change)
        Object.assign(usage, change.usage)
        return []
      case 'open':
        if (change.is.type !== 'text' && change.is.type !== 'refusal') return []
        spoken.add(`${change.choice}/${change.part}`)
        return text(change.choice, change.is.text)
      case 'grow':
        return spoken.has(`${change.choice}/${change.part}`) ? text(change.choice, change.text) : []
      case 'stop':
        return [say([{ text: '', index: change.choice, logprobs: null, finish_reason: reasonOf(change.stop) }])]
      case 'usage':
        Object.assign(usage, change.usage)
        return []
      case 'end':
        return [...(asked ? [say([], writeUsage({ input: 0, output: 0, ...usage }))] : []), { data: '[DONE]' }]
      case 'error':
        return [{ data: JSON.stringify(errorBody(change.failure)) }]
      default:
        return []
    }
  }
  return { write }
}
