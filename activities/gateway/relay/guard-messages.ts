import { isObject } from '#schemas/automation/json.ts'
import type { JsonMembers } from '#schemas/gateway/wires/dialogue.ts'
import type { Events } from './guard-events.ts'
import type { Guarding } from './guard-sink.ts'
import type { Chain } from './guard-texts.ts'

/** The deltas whose texts grow, and where they stand in them. */
const growing: Readonly<Record<string, { key: string; by: 'assistant' | 'thought'; isJson: boolean }>> = {
  text_delta: { key: 'text', by: 'assistant', isJson: false },
  thinking_delta: { key: 'thinking', by: 'thought', isJson: false },
  input_json_delta: { key: 'partial_json', by: 'assistant', isJson: true },
}

/** Anthropic's wire: blocks come one after another, and what is held back is said before a block is over. */
export class MessagesEvents implements Events {
  readonly #guarding: Guarding
  readonly #open = new Map<number, { type: string; key: string; chain: Chain }>()
  #calls = false

  constructor(guarding: Guarding) {
    this.#guarding = guarding
  }

  rewrite(event: JsonMembers): { before: JsonMembers[]; changed: boolean } {
    const { type, delta, content_block: block } = event
    const index = Number(event['index'] ?? 0)
    if (type === 'content_block_start') {
      this.#guarding.calls(block)
      this.#calls ||= isObject(block) && block['type'] === 'tool_use'
      return { before: [], changed: this.#whole(event, 'content_block') }
    }
    if (type === 'content_block_delta' && isObject(delta))
      return { before: [], changed: this.#grow(event, delta, index) }
    if (type === 'content_block_stop') return { before: this.#flush(index), changed: false }
    if (type === 'message_delta' && !this.#calls) this.#guarding.finished('0')
    return { before: [], changed: false }
  }

  rest(): JsonMembers[] {
    return [...this.#open.keys()].flatMap((index) => this.#flush(index))
  }

  #grow(event: JsonMembers, delta: JsonMembers, index: number): boolean {
    const type = String(delta['type'])
    const of = growing[type]
    // sources of what is said stand in the text as they are; a signature is nobody's word
    if (of === undefined) return this.#whole(event, 'delta')
    const text = delta[of.key]
    if (typeof text !== 'string') return false
    let open = this.#open.get(index)
    if (open === undefined) {
      open = { type, key: of.key, chain: this.#guarding.chain(of) }
      this.#open.set(index, open)
    }
    const passed = open.chain.push(text)
    if (type === 'text_delta') this.#guarding.answered('0', passed)
    delta[of.key] = passed
    return passed !== text
  }

  #whole(event: JsonMembers, key: string): boolean {
    const before = JSON.stringify(event[key])
    event[key] = this.#guarding.whole(event[key], 'assistant', false)
    return JSON.stringify(event[key]) !== before
  }

  #flush(index: number): JsonMembers[] {
    const open = this.#open.get(index)
    this.#open.delete(index)
    const tail = open?.chain.end() ?? ''
    if (open === undefined || tail === '') return []
    if (open.type === 'text_delta') this.#guarding.answered('0', tail)
    return [{ type: 'content_block_delta', index, delta: { type: open.type, [open.key]: tail } }]
  }
}
