import type { Change, OpenPart, ServerEvent, StreamWriter } from '../change.ts'
import type { JsonMembers } from '../dialogue.ts'
import { errorBody } from '../chat/failure.ts'
import { Folded } from '../fold.ts'
import { InTurn } from '../in-turn.ts'
import { Unsayable } from '../unsaid.ts'
import { begun, callItem, contentOf, idOf, joins, messageItem, type Output } from './output.ts'
import { finished, responseOf, writeReply } from './reply.ts'

/**
 * Writes changes as the events of a responses stream: each item is added, its parts from added to done, then the item is done;
 * the whole response comes once more at the end, so all that was said is held until then. Only the first choice can be said.
 */
export const streamWriter = (): StreamWriter => new ResponsesWriter()

class ResponsesWriter implements StreamWriter {
  readonly #turns = new InTurn()
  readonly #whole = new Folded()
  #count = 0
  #id = ''
  #item: Output | undefined
  #index = -1
  /** Where in its item the open part is: summaries and contents are counted apart. */
  #inner = -1
  #part: OpenPart | undefined
  #text: string[] = []

  write(change: Change): ServerEvent[] {
    return this.#turns.push(change).flatMap((one) => {
      this.#whole.add(one)
      return this.#write(one)
    })
  }

  #write(change: Change): ServerEvent[] {
    switch (change.type) {
      case 'begin': {
        this.#id = change.id
        const response = responseOf(change, 'in_progress')
        return [this.#say('response.created', { response }), this.#say('response.in_progress', { response })]
      }
      case 'open':
        return this.#open(change.is)
      case 'grow':
        return this.#grow(change.text)
      case 'seal':
        if (this.#part?.type === 'thinking') this.#part.seal = change.seal
        return []
      case 'close':
        return this.#close()
      case 'end': {
        const { body } = writeReply(this.#whole.reply)
        const kind = body['status'] === 'completed' ? 'response.completed' : 'response.incomplete'
        return [...this.#endItem(), this.#say(kind, { response: body })]
      }
      case 'error': {
        const { code, message, param } = errorBody(change.failure).error
        return [this.#say('error', { code, message, param })]
      }
      default:
        return []
    }
  }

  #say(type: string, members: JsonMembers): ServerEvent {
    return { event: type, data: JSON.stringify({ type, sequence_number: this.#count++, ...members }) }
  }
  #where(): JsonMembers {
    return { item_id: this.#itemId(), output_index: this.#index }
  }
  #itemId(): string {
    return this.#item === undefined ? '' : idOf(this.#id, this.#item, this.#index)
  }

  #open(is: OpenPart): ServerEvent[] {
    // a part that grows is one of its own here, for what it grows to is told at its end
    const part = { ...is }
    const said: ServerEvent[] = []
    if (joins(this.#item, part) && this.#item !== undefined && 'parts' in this.#item)
      (this.#item.parts as OpenPart[]).push(part)
    else {
      said.push(...this.#endItem())
      const item = begun(part)
      if (item.type === 'other' && (item.part.type !== 'foreign' || item.part.wire !== 'responses')) {
        this.#part = undefined
        return said
      }
      this.#item = item
      this.#index++
      this.#inner = -1
      said.push(this.#say('response.output_item.added', { output_index: this.#index, item: this.#itemBegun() }))
    }
    this.#part = part
    this.#text = []
    said.push(...this.#openInner(part))
    return 'text' in is && is.text !== '' ? [...said, ...this.#grow(is.text)] : said
  }

  #itemBegun(): JsonMembers {
    const [item, id] = [this.#item, this.#itemId()]
    if (item?.type === 'message') return messageItem(id, item.parts, 'in_progress')
    if (item?.type === 'function_call') return callItem(id, { ...item.part, arguments: '' }, 'in_progress')
    if (item?.type === 'reasoning') return { id, type: 'reasoning', summary: [] }
    return item?.part.type === 'foreign' ? item.part.value : {}
  }

  #openInner(part: OpenPart): ServerEvent[] {
    if (part.type === 'thinking' && part.hidden) return []
    if (part.type === 'thinking' && part.summary)
      return [
        this.#say('response.reasoning_summary_part.added', {
          ...this.#where(),
          summary_index: ++this.#inner,
          part: { type: 'summary_text', text: '' },
        }),
      ]
    if (part.type !== 'text' && part.type !== 'refusal' && part.type !== 'thinking') return []
    const empty = part.type === 'thinking' ? { type: 'reasoning_text', text: '' } : contentOf({ ...part, text: '' })
    return [this.#say('response.content_part.added', { ...this.#where(), content_index: ++this.#inner, part: empty })]
  }

  #grow(text: string): ServerEvent[] {
    const part = this.#part
    if (part === undefined || text === '') return []
    this.#text.push(text)
    if (part.type === 'tool_call')
      return [this.#say('response.function_call_arguments.delta', { ...this.#where(), delta: text })]
    if (part.type === 'thinking' && part.summary)
      return [
        this.#say('response.reasoning_summary_text.delta', {
          ...this.#where(),
          summary_index: this.#inner,
          delta: text,
        }),
      ]
    const place = { ...this.#where(), content_index: this.#inner, delta: text }
    if (part.type === 'thinking') return [this.#say('response.reasoning_text.delta', place)]
    if (part.type === 'refusal') return [this.#say('response.refusal.delta', place)]
    return [this.#say('response.output_text.delta', { ...place, logprobs: [] })]
  }

  #close(): ServerEvent[] {
    const part = this.#part
    this.#part = undefined
    const text = this.#text.join('')
    if (part === undefined) return []
    if (part.type === 'tool_call') {
      part.arguments = text
      return [
        this.#say('response.function_call_arguments.done', { ...this.#where(), name: part.name, arguments: text }),
        ...this.#endItem(),
      ]
    }
    if (!('text' in part)) return []
    part.text = text
    if (part.type === 'thinking' && part.hidden) return []
    if (part.type === 'thinking' && part.summary) {
      const place = { ...this.#where(), summary_index: this.#inner }
      return [
        this.#say('response.reasoning_summary_text.done', { ...place, text }),
        this.#say('response.reasoning_summary_part.done', { ...place, part: { type: 'summary_text', text } }),
      ]
    }
    const place = { ...this.#where(), content_index: this.#inner }
    if (part.type === 'thinking')
      return [
        this.#say('response.reasoning_text.done', { ...place, text }),
        this.#say('response.content_part.done', { ...place, part: { type: 'reasoning_text', text } }),
      ]
    const told =
      part.type === 'refusal'
        ? this.#say('response.refusal.done', { ...place, refusal: text })
        : this.#say('response.output_text.done', { ...place, text, logprobs: [] })
    return [told, this.#say('response.content_part.done', { ...place, part: contentOf(part) })]
  }

  #endItem(): ServerEvent[] {
    const item = this.#item
    if (item === undefined) return []
    const said = finished(item, this.#itemId(), '', new Unsayable('responses'))
    this.#item = undefined
    return said === undefined ? [] : [this.#say('response.output_item.done', { output_index: this.#index, item: said })]
  }
}
