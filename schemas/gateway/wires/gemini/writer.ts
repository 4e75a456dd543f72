import type { Change, OpenPart, ServerEvent, StreamWriter } from '../change.ts'
import type { Choice, JsonMembers, Seal, Usage } from '../dialogue.ts'
import { known } from '../members.ts'
import { Unsayable } from '../unsaid.ts'
import { errorBody } from './failure.ts'
import { reasonOf, sayPart, writeUsage } from './reply.ts'

/** Writes changes as the chunks of a `streamGenerateContent` stream. Calls are held until they are whole. */
export const streamWriter = (): StreamWriter => new GeminiWriter()

class GeminiWriter implements StreamWriter {
  #head: JsonMembers = {}
  #usage: Partial<Usage> = {}
  #stops = new Map<number, Pick<Choice, 'stop' | 'extra'>>()
  #open = new Map<string, { is: OpenPart; text: string[]; seal?: Seal }>()

  write(change: Change): ServerEvent[] {
    switch (change.type) {
      case 'begin':
        this.#head = { modelVersion: change.model, responseId: change.id }
        Object.assign(this.#usage, change.usage)
        return []
      case 'open':
        this.#open.set(`${change.choice}/${change.part}`, { is: change.is, text: [] })
        return []
      case 'grow':
        return this.#grow(change)
      case 'seal': {
        const open = this.#open.get(`${change.choice}/${change.part}`)
        if (open !== undefined) open.seal = change.seal
        return []
      }
      case 'close':
        return this.#close(change)
      case 'stop':
        this.#stops.set(change.choice, change)
        return []
      case 'usage':
        Object.assign(this.#usage, change.usage)
        return []
      case 'end':
        return [this.#last()]
      case 'error':
        return [{ data: JSON.stringify(errorBody(change.failure)) }]
      default:
        return []
    }
  }

  #say(index: number, part: OpenPart): ServerEvent[] {
    const said = sayPart(part, '', new Unsayable('gemini'))
    if (said === undefined) return []
    return [
      { data: JSON.stringify({ candidates: [{ content: { role: 'model', parts: [said] }, index }], ...this.#head }) },
    ]
  }

  #grow({ choice, part, text }: Extract<Change, { type: 'grow' }>): ServerEvent[] {
    const open = this.#open.get(`${choice}/${part}`)
    if (open === undefined) return []
    const { is } = open
    if (is.type === 'text' || is.type === 'refusal') return this.#say(choice, { type: 'text', text })
    if (is.type === 'thinking') return this.#say(choice, { type: 'thinking', text })
    open.text.push(text)
    return []
  }

  #close({ choice, part }: Extract<Change, { type: 'close' }>): ServerEvent[] {
    const key = `${choice}/${part}`
    const { is, text, seal } = this.#open.get(key) ?? {}
    this.#open.delete(key)
    if (is === undefined || text === undefined) return []
    if (is.type === 'tool_call') return this.#say(choice, { ...is, arguments: is.arguments + text.join('') })
    if (is.type === 'text' || is.type === 'thinking')
      return seal === undefined && is.text === ''
        ? []
        : this.#say(choice, known({ type: is.type, text: is.text, seal }))
    return is.type === 'refusal' ? [] : this.#say(choice, is)
  }

  #last(): ServerEvent {
    const candidates = [...this.#stops].map(([index, stop]) => ({
      content: { role: 'model', parts: [{ text: '' }] },
      finishReason: reasonOf(stop),
      index,
    }))
    const usageMetadata = writeUsage({ input: 0, output: 0, ...this.#usage })
    return { data: JSON.stringify({ candidates, usageMetadata, ...this.#head }) }
  }
}
