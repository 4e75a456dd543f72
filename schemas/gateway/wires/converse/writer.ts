import type { Change, OpenPart, ServerEvent, StreamWriter } from '../change.ts'
import type { Choice, JsonMembers, Usage } from '../dialogue.ts'
import { InTurn } from '../in-turn.ts'
import { sealText } from '../seal.ts'
import { nameOf } from './failure.ts'
import { reasonOf, writeUsage } from './reply.ts'

/** Writes changes as the events of a converse stream: blocks one after another, the reason, the usage. Only the first choice can be said. */
export const streamWriter = (): StreamWriter => new ConverseWriter()

class ConverseWriter implements StreamWriter {
  readonly #turns = new InTurn()
  #index = -1
  #is: OpenPart | undefined
  #usage: Partial<Usage> = {}
  #stop: Pick<Choice, 'stop' | 'extra'> = { stop: 'other' }

  write(change: Change): ServerEvent[] {
    return this.#turns.push(change).flatMap((one) => this.#write(one))
  }

  #write(change: Change): ServerEvent[] {
    switch (change.type) {
      case 'begin':
        Object.assign(this.#usage, change.usage)
        return [say('messageStart', { role: 'assistant' })]
      case 'open':
        return this.#open(change.is)
      case 'grow':
        return this.#grow(change.text)
      case 'seal':
        if (this.#is?.type !== 'thinking') return []
        return this.#delta({ reasoningContent: { signature: sealText(change.seal, 'messages', this.#is.id) } })
      case 'close':
        return this.#is === undefined ? [] : [say('contentBlockStop', { contentBlockIndex: this.#index })]
      case 'stop':
        this.#stop = change
        return []
      case 'usage':
        Object.assign(this.#usage, change.usage)
        return []
      case 'end': {
        const usage = writeUsage({ input: 0, output: 0, ...this.#usage })
        return [
          say('messageStop', { stopReason: reasonOf(this.#stop) }),
          say('metadata', { usage, metrics: { latencyMs: 0 } }),
        ]
      }
      case 'error': {
        const name = nameOf(change.failure)
        return [say(name.charAt(0).toLowerCase() + name.slice(1), { message: change.failure.message })]
      }
      default:
        return []
    }
  }

  #open(is: OpenPart): ServerEvent[] {
    const sayable = is.type === 'text' || is.type === 'refusal' || is.type === 'thinking' || is.type === 'tool_call'
    this.#is = sayable ? is : undefined
    if (!sayable) return []
    this.#index++
    if (is.type === 'tool_call') {
      const start = { toolUse: { toolUseId: is.id, name: is.name } }
      return [say('contentBlockStart', { start, contentBlockIndex: this.#index }), ...this.#grow(is.arguments)]
    }
    if (is.type !== 'thinking' || !is.hidden) return this.#grow(is.text)
    return this.#delta({ reasoningContent: { redactedContent: sealText(is.seal, 'converse', is.id) } })
  }

  #grow(text: string): ServerEvent[] {
    if (text === '') return []
    if (this.#is?.type === 'tool_call') return this.#delta({ toolUse: { input: text } })
    return this.#delta(this.#is?.type === 'thinking' ? { reasoningContent: { text } } : { text })
  }

  #delta(delta: JsonMembers): ServerEvent[] {
    return this.#is === undefined ? [] : [say('contentBlockDelta', { delta, contentBlockIndex: this.#index })]
  }
}

const say = (event: string, members: JsonMembers): ServerEvent => ({ event, data: JSON.stringify(members) })
