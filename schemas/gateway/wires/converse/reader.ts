import type { Change, OpenPart, ServerEvent, StreamReader } from '../change.ts'
import { Ending, parsed } from '../ending.ts'
import { failure } from '../failure.ts'
import { isObject, known, Members } from '../members.ts'
import { exception } from './failure.ts'
import { readUsage, stopOf } from './reply.ts'

/**
 * Reads the events of a converse stream, each by its name. It begins with neither id nor model, which whoever asked knows: an id
 * stands in a header.
 */
export const streamReader = (told: { id?: string; model?: string } = {}): StreamReader => new ConverseReader(told)

class ConverseReader extends Ending implements StreamReader {
  readonly #told: { id?: string; model?: string }
  #begun = false
  #stopped = false
  #parts = 0
  #open = new Map<number, number>()

  constructor(told: { id?: string; model?: string }) {
    super()
    this.#told = told
  }

  read({ event = '', data }: ServerEvent): Change[] {
    if (this.over) return []
    const body = parsed(data)
    if (event.endsWith('Exception')) return this.fail(exception(event, body))
    if (body === undefined) return this.fail(failure('broken', 'An event of the stream is no JSON.'))
    return this.guarded(() => this.#event(event, new Members(body)))
  }

  /** The usage comes after the reason, and last of all. */
  finish(): Change[] {
    if (this.over) return []
    if (this.#stopped) return this.end()
    const said = this.#begun
      ? 'The stream was cut before the answer had come to its end.'
      : 'The stream ended before it began.'
    return this.fail(failure('broken', said))
  }

  #event(name: string, event: Members): void {
    const index = event.number('contentBlockIndex') ?? 0
    switch (name) {
      case 'messageStart':
        this.#begun = true
        this.out.push({ type: 'begin', id: this.#told.id ?? '', model: this.#told.model ?? '' })
        return
      case 'contentBlockStart': {
        const call = event.members('start')?.members('toolUse')
        if (call === undefined) return
        const is = {
          type: 'tool_call',
          id: call.need('toolUseId').text,
          name: call.need('name').text,
          arguments: '',
        } as const
        this.#of(index, is)
        return
      }
      case 'contentBlockDelta':
        return this.#delta(index, event.need('delta').members)
      case 'contentBlockStop': {
        const part = this.#open.get(index)
        if (part !== undefined) this.out.push({ type: 'close', choice: 0, part })
        this.#open.delete(index)
        return
      }
      case 'messageStop':
        this.#stopped = true
        this.out.push({ type: 'stop', choice: 0, ...stopOf(event.text('stopReason') ?? 'none') })
        return
      case 'metadata': {
        const tier = event.members('serviceTier')?.text('type')
        if (isObject(event.value['usage']))
          this.out.push(known({ type: 'usage', usage: readUsage(event.need('usage').members), tier }))
        return
      }
      default:
        // events of a later day
        return
    }
  }

  #of(index: number, is: OpenPart): number {
    const open = this.#open.get(index)
    if (open !== undefined) return open
    const part = this.#parts++
    this.#open.set(index, part)
    this.out.push({ type: 'open', choice: 0, part, is })
    return part
  }

  #grow(index: number, is: OpenPart, text: string): void {
    const part = this.#of(index, is)
    if (text !== '') this.out.push({ type: 'grow', choice: 0, part, text })
  }

  #delta(index: number, delta: Members): void {
    const text = delta.text('text')
    if (text !== undefined) return this.#grow(index, { type: 'text', text: '' }, text)
    const input = delta.members('toolUse')?.text('input')
    if (input !== undefined) return this.#grow(index, { type: 'tool_call', id: '', name: '', arguments: '' }, input)
    const thought = delta.members('reasoningContent')
    if (thought === undefined) {
      const members = { citations: [delta.value['citation']] }
      const part = this.#of(index, { type: 'text', text: '' })
      if (delta.value['citation'] !== undefined)
        this.out.push({ type: 'remark', choice: 0, part, extra: { wire: 'converse', members } })
      return
    }
    const hidden = thought.text('redactedContent')
    if (hidden !== undefined) {
      this.#of(index, { type: 'thinking', text: '', hidden: true, seal: { wire: 'converse', data: hidden } })
      return
    }
    this.#grow(index, { type: 'thinking', text: '' }, thought.text('text') ?? '')
    const signature = thought.text('signature')
    if (signature !== undefined && signature !== '')
      this.out.push({
        type: 'seal',
        choice: 0,
        part: this.#open.get(index) ?? 0,
        seal: { wire: 'messages', data: signature },
      })
  }
}
