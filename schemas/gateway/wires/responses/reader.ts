import { readError } from '../chat/failure.ts'
import type { Change, OpenPart, ServerEvent, StreamReader } from '../change.ts'
import { Ending, parsed } from '../ending.ts'
import { failure } from '../failure.ts'
import { isObject, known, Members } from '../members.ts'
import { readCall, readReasoning } from './items.ts'
import { readUsage, stopOf } from './reply.ts'

/** Reads the events of a responses stream: which parts are open it holds, and nothing of their text. */
export const streamReader = (): StreamReader => new ResponsesReader()

type Open = { part: number; grown: boolean; thinking: boolean }

class ResponsesReader extends Ending implements StreamReader {
  #begun = false
  #parts = 0
  #called = false
  /** By output index, then by which part of the item it is. */
  #items = new Map<number, Map<string, Open>>()
  #phases = new Map<number, string>()

  read({ data }: ServerEvent): Change[] {
    if (this.over) return []
    if (data === '[DONE]') return []
    const event = parsed(data)
    if (event === undefined) return this.fail(failure('broken', 'An event of the stream is no JSON.'))
    const type = event['type']
    if (type === 'error') return this.fail(readError(undefined, isObject(event['error']) ? event : { error: event }))
    const response = isObject(event['response']) ? new Members(event['response'], '/response') : undefined
    if (type === 'response.failed') return this.fail(readError(undefined, { error: response?.value['error'] }))
    if (response !== undefined && (type === 'response.completed' || type === 'response.incomplete'))
      return this.#ended(response)
    return this.guarded(() => this.#event(new Members(event)))
  }

  finish(): Change[] {
    if (this.over) return []
    const said = this.#begun
      ? 'The stream was cut before the answer had come to its end.'
      : 'The stream ended before it began.'
    return this.fail(failure('broken', said))
  }

  #ended(response: Members): Change[] {
    const said = this.guarded(() => {
      for (const index of this.#items.keys()) this.#closeAll(index)
      this.out.push({ type: 'stop', choice: 0, stop: stopOf(response, this.#called) })
      const usage = response.members('usage')
      const tier = response.text('service_tier')
      if (usage !== undefined) this.out.push(known({ type: 'usage', usage: readUsage(usage), tier }))
    })
    return this.over ? said : [...said, ...this.end()]
  }

  #event(event: Members): void {
    const index = event.number('output_index') ?? 0
    const content = `c${event.number('content_index') ?? 0}`
    switch (event.text('type')) {
      case 'response.created':
        return this.#begin(event.need('response').members)
      case 'response.output_item.added':
        return this.#added(index, event.need('item').members)
      case 'response.output_item.done':
        return this.#done(index, event.need('item').members)
      case 'response.content_part.done':
        return this.#close(index, content)
      case 'response.output_text.delta':
        return this.#grow(index, content, event, { type: 'text', text: '', ...this.#phase(index) })
      case 'response.refusal.delta':
        return this.#grow(index, content, event, { type: 'refusal', text: '' })
      case 'response.reasoning_text.delta':
        return this.#grow(index, content, event, known({ type: 'thinking', text: '', id: event.text('item_id') }))
      case 'response.reasoning_summary_text.delta': {
        const is = known({ type: 'thinking', text: '', summary: true, id: event.text('item_id') })
        return this.#grow(index, `s${event.number('summary_index') ?? 0}`, event, is)
      }
      case 'response.function_call_arguments.delta':
        return this.#grow(index, 'call', event)
      case 'response.output_text.annotation.added':
        return this.#annotated(index, content, event)
      default:
        // progress, texts told once more at their end, and events of a later day
        return
    }
  }

  #begin(response: Members): void {
    if (this.#begun) return
    this.#begun = true
    const [id, model] = [response.text('id') ?? '', response.text('model') ?? '']
    const [created, tier] = [response.number('created_at'), response.text('service_tier')]
    this.out.push(known({ type: 'begin', id, model, created, tier }))
  }

  #phase(index: number): { extra?: { wire: 'responses'; members: { phase: string } } } {
    const phase = this.#phases.get(index)
    return phase === undefined ? {} : { extra: { wire: 'responses', members: { phase } } }
  }

  #of(index: number): Map<string, Open> {
    let open = this.#items.get(index)
    if (open === undefined) this.#items.set(index, (open = new Map<string, Open>()))
    return open
  }

  #open(index: number, key: string, is: OpenPart): Open {
    const item = this.#of(index)
    // a thought is closed by the next one, or with its item, for the seal comes last
    for (const [other, { thinking }] of item) if (thinking) this.#close(index, other, true)
    const open = { part: this.#parts++, grown: false, thinking: is.type === 'thinking' }
    item.set(key, open)
    this.out.push({ type: 'open', choice: 0, part: open.part, is })
    return open
  }

  #close(index: number, key: string, thinking = false): void {
    const open = this.#items.get(index)?.get(key)
    if (open === undefined || open.thinking !== thinking) return
    this.#items.get(index)?.delete(key)
    this.out.push({ type: 'close', choice: 0, part: open.part })
  }

  #closeAll(index: number): void {
    for (const { part } of this.#items.get(index)?.values() ?? []) this.out.push({ type: 'close', choice: 0, part })
    this.#items.delete(index)
  }

  #grow(index: number, key: string, event: Members, is?: OpenPart): void {
    const text = event.text('delta') ?? ''
    if (text === '') return
    const open = this.#of(index).get(key) ?? (is && this.#open(index, key, is))
    if (open === undefined) return
    open.grown = true
    this.out.push({ type: 'grow', choice: 0, part: open.part, text })
  }

  #annotated(index: number, key: string, event: Members): void {
    const open = this.#items.get(index)?.get(key)
    const annotations = [event.need('annotation').value]
    if (open !== undefined)
      this.out.push({
        type: 'remark',
        choice: 0,
        part: open.part,
        extra: { wire: 'responses', members: { annotations } },
      })
  }

  #added(index: number, item: Members): void {
    const phase = item.text('phase')
    if (phase !== undefined) this.#phases.set(index, phase)
    if (item.text('type') !== 'function_call') return
    this.#called = true
    this.#open(index, 'call', { ...readCall(item), arguments: '' } as OpenPart)
  }

  #done(index: number, item: Members): void {
    const type = item.text('type')
    const open = [...(this.#items.get(index)?.values() ?? [])].at(-1)
    if (type === 'function_call' && open !== undefined && !open.grown) {
      const text = item.text('arguments') ?? ''
      if (text !== '') this.out.push({ type: 'grow', choice: 0, part: open.part, text })
    } else if (type === 'reasoning') {
      const last = readReasoning(item).at(-1)
      if (open !== undefined && last?.seal !== undefined)
        this.out.push({ type: 'seal', choice: 0, part: open.part, seal: last.seal })
      else if (open === undefined && last?.hidden) this.#open(index, 's', last)
    } else if (type !== 'message' && type !== 'function_call')
      this.#open(index, 'other', { type: 'foreign', wire: 'responses', value: item.value })
    this.#closeAll(index)
  }
}
