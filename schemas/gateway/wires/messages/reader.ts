import type { Change, OpenPart, ServerEvent, StreamReader } from '../change.ts'
import type { JsonMembers } from '../dialogue.ts'
import { Ending, parsed } from '../ending.ts'
import { failure } from '../failure.ts'
import { isObject, known, Members, refuse } from '../members.ts'
import { readBlock } from './blocks.ts'
import { readError } from './failure.ts'
import { readStop, readUsage, tierOf } from './reply.ts'
import { inputOf } from './write-block.ts'

/** Reads the events of a messages stream. Of blocks that it has no word for it holds the input until they end. */
export const streamReader = (): StreamReader => new MessagesReader()

type Block = { part: number; foreign?: JsonMembers; input: string }

class MessagesReader extends Ending implements StreamReader {
  #begun = false
  #stopped = false
  #parts = 0
  #blocks = new Map<number, Block>()

  read({ data }: ServerEvent): Change[] {
    if (this.over) return []
    const event = parsed(data)
    if (event === undefined) return this.fail(failure('broken', 'An event of the stream is no JSON.'))
    if (event['type'] === 'error') return this.fail(readError(undefined, event))
    if (event['type'] === 'message_stop') return this.finish()
    return this.guarded(() => this.#event(new Members(event)))
  }

  finish(): Change[] {
    if (this.over) return []
    if (this.#stopped) return this.end()
    const said = this.#begun
      ? 'The stream was cut before the answer had come to its end.'
      : 'The stream ended before it began.'
    return this.fail(failure('broken', said))
  }

  #event(event: Members): void {
    switch (event.text('type')) {
      case 'message_start':
        return this.#start(event.need('message').members)
      case 'content_block_start':
        return this.#open(event.need('index').number, event.need('content_block').members)
      case 'content_block_delta':
        return this.#delta(this.#block(event), event.need('delta').members)
      case 'content_block_stop':
        return this.#close(event.need('index').number, this.#block(event))
      case 'message_delta':
        return this.#end(event)
      default:
        // pings, and events of a later day
        return
    }
  }

  #start(message: Members): void {
    this.#begun = true
    const usage = message.members('usage')
    const tier = tierOf(usage)
    const begun = { id: message.text('id') ?? '', model: message.text('model') ?? '', tier }
    this.out.push(known({ type: 'begin', ...begun, usage: usage && readUsage(usage) }))
  }

  #block(event: Members): Block {
    return this.#blocks.get(event.need('index').number) ?? refuse(event.at('index'), 'names no open block.')
  }

  #open(index: number, told: Members): void {
    const part = this.#parts++
    const block = readBlock(told)
    if (block.type === 'foreign') {
      this.#blocks.set(index, { part, foreign: block.value, input: '' })
      return
    }
    this.#blocks.set(index, { part, input: '' })
    const text = block.type === 'tool_call' ? block.arguments.replace(/^\{\}$/, '') : 'text' in block ? block.text : ''
    const is = (
      block.type === 'tool_call' ? { ...block, arguments: '' } : 'text' in block ? { ...block, text: '' } : block
    ) as OpenPart
    this.out.push({ type: 'open', choice: 0, part, is })
    if (text !== '') this.out.push({ type: 'grow', choice: 0, part, text })
  }

  #delta(block: Block, delta: Members): void {
    const { part } = block
    const type = delta.text('type')
    if (type === 'citations_delta') {
      const citations = [delta.need('citation').value]
      this.out.push({ type: 'remark', choice: 0, part, extra: { wire: 'messages', members: { citations } } })
      return
    }
    if (type === 'signature_delta') {
      const seal = { wire: 'messages', data: delta.need('signature').text } as const
      if (seal.data !== '') this.out.push({ type: 'seal', choice: 0, part, seal })
      return
    }
    const text = delta.text('text') ?? delta.text('thinking') ?? delta.text('partial_json') ?? ''
    if (block.foreign !== undefined) block.input += text
    else if (text !== '') this.out.push({ type: 'grow', choice: 0, part, text })
  }

  #close(index: number, { part, foreign, input }: Block): void {
    this.#blocks.delete(index)
    if (foreign !== undefined) {
      const value = input === '' ? foreign : { ...foreign, input: inputOf(input) ?? foreign['input'] }
      this.out.push({ type: 'open', choice: 0, part, is: { type: 'foreign', wire: 'messages', value } })
    }
    this.out.push({ type: 'close', choice: 0, part })
  }

  #end(event: Members): void {
    const usage = event.members('usage')
    const delta = event.members('delta')
    if (delta !== undefined && delta.value['stop_reason'] != null) {
      this.#stopped = true
      this.out.push({ type: 'stop', choice: 0, ...readStop(delta) })
    }
    if (usage !== undefined && isObject(usage.value)) this.out.push({ type: 'usage', usage: readUsage(usage) })
  }
}
