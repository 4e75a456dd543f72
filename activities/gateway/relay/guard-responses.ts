import { isObject } from '#schemas/automation/json.ts'
import type { JsonMembers } from '#schemas/gateway/wires/dialogue.ts'
import type { Events } from './guard-events.ts'
import type { Guarding } from './guard-sink.ts'
import type { Chain } from './guard-texts.ts'

const grows = /^response\.(.+)\.delta$/
const ends = /^response\.(.+)\.done$/
const isJson = /(?:function|mcp)_call_arguments$/
const isThought = /^reasoning/
/** Sound and pictures. */
const isNoText = /^(?:audio|image)/
/** What of an event says an answer, and what repeats the request. */
const answers = ['output', 'item', 'part', 'text', 'arguments', 'refusal', 'input', 'code', 'annotation']
const echoes = ['instructions', 'metadata', 'user', 'prompt']

/** OpenAI's responses: texts grow, and are then told once more as a whole, by themselves and in all that holds them. */
export class ResponsesEvents implements Events {
  readonly #guarding: Guarding
  readonly #open = new Map<string, { chain: Chain; last: JsonMembers }>()
  /** How many events were added: all that come after have a higher number. */
  #added = 0
  #calls = false

  constructor(guarding: Guarding) {
    this.#guarding = guarding
  }

  rewrite(event: JsonMembers): { before: JsonMembers[]; changed: boolean } {
    const { type, item } = event
    const said = String(type)
    this.#guarding.calls(item)
    this.#calls ||= isObject(item) && String(item['type']).endsWith('_call')
    const growing = grows.exec(said)?.[1]
    let changed = false
    let before: JsonMembers[] = []
    if (growing !== undefined) changed = this.#grow(event, growing)
    else {
      const ended = ends.exec(said)?.[1]
      const name = ended === undefined ? '' : nameOf(event, ended)
      before = this.#flush(name)
      changed = this.#whole(event)
      if ((said === 'response.completed' || said === 'response.incomplete') && !this.#calls)
        this.#guarding.finished('0')
    }
    const number = event['sequence_number']
    if (this.#added === 0 || typeof number !== 'number') return { before, changed }
    const added = this.#added - before.length
    for (const [n, one] of before.entries()) one['sequence_number'] = number + added + n
    event['sequence_number'] = number + this.#added
    return { before, changed: true }
  }

  rest(): JsonMembers[] {
    return [...this.#open.keys()].flatMap((name) => this.#flush(name))
  }

  #grow(event: JsonMembers, growing: string): boolean {
    const text = event['delta']
    if (typeof text !== 'string' || isNoText.test(growing)) return false
    const name = nameOf(event, growing)
    let open = this.#open.get(name)
    if (open === undefined) {
      const by = isThought.test(growing) ? 'thought' : 'assistant'
      open = { chain: this.#guarding.chain({ by, isJson: isJson.test(growing) }), last: event }
      this.#open.set(name, open)
    }
    open.last = event
    const passed = open.chain.push(text)
    if (growing === 'output_text') this.#guarding.answered('0', passed)
    event['delta'] = passed
    const { logprobs } = event
    if (!this.#guarding.hidesTokens || !Array.isArray(logprobs) || logprobs.length === 0) return passed !== text
    event['logprobs'] = []
    return true
  }

  #whole(event: JsonMembers): boolean {
    const before = JSON.stringify(event)
    const { response } = event
    for (const of of isObject(response) ? [event, response] : [event]) {
      const by = isThought.test(String(event['type']).slice('response.'.length)) ? 'thought' : 'assistant'
      for (const key of answers) if (of[key] !== undefined) of[key] = this.#guarding.whole(of[key], by, true, key)
      if (of === response)
        for (const key of echoes) if (of[key] !== undefined) of[key] = this.#guarding.whole(of[key], 'echo', true)
    }
    return JSON.stringify(event) !== before
  }

  #flush(name: string): JsonMembers[] {
    const open = this.#open.get(name)
    this.#open.delete(name)
    const tail = open?.chain.end() ?? ''
    if (open === undefined || tail === '') return []
    if (name.startsWith('output_text ')) this.#guarding.answered('0', tail)
    this.#added++
    const number = open.last['sequence_number']
    return [
      { ...open.last, delta: tail, ...(typeof number === 'number' ? { sequence_number: number + this.#added } : {}) },
    ]
  }
}

/** Which of the texts that grow an event is about. */
const nameOf = (event: JsonMembers, growing: string): string =>
  [growing, event['output_index'], event['content_index'] ?? event['summary_index']].join(' ')
