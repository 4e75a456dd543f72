import type { Change, ServerEvent, StreamWriter } from '../change.ts'
import type { JsonMembers, Part, Usage } from '../dialogue.ts'
import { errorBody } from './failure.ts'
import { reasonOf, writeUsage } from './reply.ts'
import { writeDetail } from './thoughts.ts'
import { sayCall } from './write.ts'

/**
 * Writes changes as the chunks of a chat stream: the role first, a reason for each choice, the usage only if it was asked
 * for, `[DONE]` last; after an error, nothing.
 */
export const streamWriter = (asked: { usage: boolean }): StreamWriter => new ChatWriter(asked.usage)

class ChatWriter implements StreamWriter {
  readonly #tellUsage: boolean
  #head: JsonMembers = {}
  #more: JsonMembers = {}
  #usage: Partial<Usage> = {}
  /** Which part of which choice is the how manieth call; other parts are kept by what they are. */
  #parts = new Map<string, { is: Part['type']; call: number }>()
  #calls = new Map<number, number>()

  constructor(usage: boolean) {
    this.#tellUsage = usage
  }

  write(change: Change): ServerEvent[] {
    switch (change.type) {
      case 'begin': {
        const { id, model, created = 0, tier, extra } = change
        this.#head = { id, object: 'chat.completion.chunk', created, model }
        this.#more = {
          ...(tier === undefined ? {} : { service_tier: tier }),
          ...(extra?.wire === 'chat' ? extra.members : {}),
        }
        Object.assign(this.#usage, change.usage)
        return []
      }
      case 'open':
        return [...this.#greet(change.choice, change.is.type === 'text' ? '' : null), ...this.#open(change)]
      case 'grow':
        return this.#grow(change)
      case 'seal':
        return this.#delta(change.choice, {
          reasoning_details: [writeDetail({ type: 'thinking', text: '', seal: change.seal })],
        })
      case 'remark':
        return change.extra.wire === 'chat' ? this.#delta(change.choice, change.extra.members) : []
      case 'logprobs':
        return [this.#chunk([{ index: change.choice, delta: {}, logprobs: change.logprobs, finish_reason: null }])]
      case 'stop': {
        const reason = change.extra?.wire === 'chat' ? change.extra.members['finish_reason'] : undefined
        const finish = {
          index: change.choice,
          delta: {},
          logprobs: null,
          finish_reason: reason ?? reasonOf(change.stop),
        }
        return [...this.#greet(change.choice, null), this.#chunk([finish])]
      }
      case 'usage':
        Object.assign(this.#usage, change.usage)
        return []
      case 'close':
        return []
      case 'end':
        return [...(this.#tellUsage ? [this.#lastUsage()] : []), { data: '[DONE]' }]
      default:
        return [{ data: JSON.stringify(errorBody(change.failure)) }]
    }
  }

  #chunk(choices: object[], usage: JsonMembers | null = null): ServerEvent {
    const told = this.#tellUsage ? { usage } : {}
    return { data: JSON.stringify({ ...this.#head, ...this.#more, choices, ...told }) }
  }
  #lastUsage(): ServerEvent {
    return this.#chunk([], writeUsage({ input: 0, output: 0, ...this.#usage }))
  }
  #delta(choice: number, delta: JsonMembers): ServerEvent[] {
    return [this.#chunk([{ index: choice, delta, logprobs: null, finish_reason: null }])]
  }
  #greet(choice: number, content: '' | null): ServerEvent[] {
    if (this.#calls.has(choice)) return []
    this.#calls.set(choice, 0)
    return this.#delta(choice, { role: 'assistant', content, refusal: null })
  }

  #open({ choice, part, is }: Extract<Change, { type: 'open' }>): ServerEvent[] {
    const call = this.#calls.get(choice) ?? 0
    this.#parts.set(`${choice}/${part}`, { is: is.type, call })
    if (is.type === 'tool_call') {
      this.#calls.set(choice, call + 1)
      return this.#delta(choice, { tool_calls: [{ index: call, ...sayCall(is) }] })
    }
    if (is.type === 'thinking' && (is.hidden || is.seal))
      return this.#delta(choice, { reasoning_details: [writeDetail(is)] })
    return 'text' in is && is.text !== '' ? this.#grow({ type: 'grow', choice, part, text: is.text }) : []
  }

  #grow({ choice, part, text }: Extract<Change, { type: 'grow' }>): ServerEvent[] {
    const { is, call } = this.#parts.get(`${choice}/${part}`) ?? { is: 'text', call: 0 }
    if (is === 'tool_call') return this.#delta(choice, { tool_calls: [{ index: call, function: { arguments: text } }] })
    if (is === 'thinking') return this.#delta(choice, { reasoning_content: text })
    return this.#delta(choice, is === 'refusal' ? { refusal: text } : { content: text })
  }
}
