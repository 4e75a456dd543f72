import type { Change, OpenPart, ServerEvent, StreamWriter } from '../change.ts'
import type { Choice, JsonMembers, Usage } from '../dialogue.ts'
import { InTurn } from '../in-turn.ts'
import { sealText } from '../seal.ts'
import { Unsayable } from '../unsaid.ts'
import { errorBody } from './failure.ts'
import { head, sayBlock, writeStop, writeUsage } from './reply.ts'

/**
 * Writes changes as the events of a messages stream: message_start, each block from start to stop before the next one,
 * message_delta with the reason and the usage, message_stop. Only the first choice can be said.
 */
export const streamWriter = (): StreamWriter => new MessagesWriter()

/** Keeps a connection open while nothing is said. */
export const ping: ServerEvent = { event: 'ping', data: '{"type":"ping"}' }

class MessagesWriter implements StreamWriter {
  readonly #turns = new InTurn()
  #index = -1
  #is: OpenPart | undefined
  #usage: Partial<Usage> = {}
  #stop: Pick<Choice, 'stop' | 'sequence' | 'extra'> = { stop: 'other' }
  #refused = false

  write(change: Change): ServerEvent[] {
    return this.#turns.push(change).flatMap((one) => this.#write(one))
  }

  #write(change: Change): ServerEvent[] {
    switch (change.type) {
      case 'begin':
        Object.assign(this.#usage, change.usage)
        return [say('message_start', { message: head(change.id, change.model, change.tier, this.#usage) })]
      case 'open':
        return this.#open(change.is)
      case 'grow':
        return this.#grow(change.text)
      case 'seal':
        if (this.#is?.type !== 'thinking') return []
        return this.#delta({ type: 'signature_delta', signature: sealText(change.seal, 'messages', this.#is.id) })
      case 'remark': {
        const citations = change.extra.wire === 'messages' ? change.extra.members['citations'] : undefined
        return Array.isArray(citations)
          ? citations.flatMap((citation) => this.#delta({ type: 'citations_delta', citation: citation as JsonMembers }))
          : []
      }
      case 'close':
        return this.#is === undefined ? [] : [say('content_block_stop', { index: this.#index })]
      case 'stop':
        this.#stop = change
        return []
      case 'usage':
        Object.assign(this.#usage, change.usage)
        return []
      case 'logprobs':
        return []
      case 'end': {
        const { cache_creation: _, ...usage } = writeUsage(this.#usage)
        const delta = { ...writeStop(this.#stop, this.#refused), container: null }
        return [say('message_delta', { delta, usage }), say('message_stop', {})]
      }
      default:
        return [{ event: 'error', data: JSON.stringify(errorBody(change.failure)) }]
    }
  }

  /** A block begins empty, and grows by what was known of it at once. */
  #open(is: OpenPart): ServerEvent[] {
    const text = is.type === 'tool_call' ? is.arguments : 'text' in is ? is.text : ''
    const empty = is.type === 'tool_call' ? { ...is, arguments: '' } : 'text' in is ? { ...is, text: '' } : is
    const said = sayBlock(empty, '', new Unsayable('messages'))
    this.#is = said === undefined ? undefined : is
    if (said === undefined) return []
    if (is.type === 'refusal') this.#refused = true
    this.#index++
    return [say('content_block_start', { index: this.#index, content_block: said }), ...this.#grow(text)]
  }

  #grow(text: string): ServerEvent[] {
    if (text === '' || this.#is === undefined) return []
    if (this.#is.type === 'thinking') return this.#delta({ type: 'thinking_delta', thinking: text })
    if (this.#is.type === 'tool_call') return this.#delta({ type: 'input_json_delta', partial_json: text })
    return this.#delta({ type: 'text_delta', text })
  }

  #delta(delta: JsonMembers): ServerEvent[] {
    return this.#is === undefined ? [] : [say('content_block_delta', { index: this.#index, delta })]
  }
}

const say = (event: string, members: JsonMembers): ServerEvent => ({
  event,
  data: JSON.stringify({ type: event, ...members }),
})
