import { isObject } from '#schemas/automation/json.ts'
import type { JsonMembers } from '#schemas/gateway/wires/dialogue.ts'
import type { Events } from './guard-events.ts'
import type { Guarding } from './guard-sink.ts'
import type { Chain } from './guard-texts.ts'

/** A text that grows within a choice, and how a piece of it is said. */
type Growing = { choice: number; chain: Chain; say: (text: string) => JsonMembers }

const thoughts = ['reasoning_content', 'reasoning']

/** OpenAI's chat, and the wire before it: what is held back is said before a choice is told to be over. */
export class ChatEvents implements Events {
  readonly #guarding: Guarding
  readonly #isText: boolean
  readonly #growing = new Map<string, Growing>()
  #last: JsonMembers = {}

  constructor(guarding: Guarding, isText: boolean) {
    this.#guarding = guarding
    this.#isText = isText
  }

  rewrite(chunk: JsonMembers): { before: JsonMembers[]; changed: boolean } {
    const { choices } = chunk
    if (!Array.isArray(choices) || choices.length === 0) return { before: [], changed: false }
    this.#last = chunk
    this.#guarding.calls(choices)
    const before: JsonMembers[] = []
    let changed = false
    for (const choice of choices as unknown[]) {
      if (!isObject(choice)) continue
      const index = Number(choice['index'] ?? 0)
      changed = this.#choice(choice, index) || changed
      if (choice['finish_reason'] === null || choice['finish_reason'] === undefined) continue
      before.push(...this.#flush(index))
      if (choice['finish_reason'] !== 'tool_calls') this.#guarding.finished(String(index))
    }
    return { before, changed }
  }

  rest(): JsonMembers[] {
    return [...new Set([...this.#growing.values()].map(({ choice }) => choice))].flatMap((choice) =>
      this.#flush(choice),
    )
  }

  #choice(choice: JsonMembers, index: number): boolean {
    let changed = false
    if (this.#isText) changed = this.#grow(choice, 'text', index, 'assistant', (text) => ({ text }))
    const { delta } = choice
    if (isObject(delta)) {
      for (const key of ['content', 'refusal'])
        changed = this.#grow(delta, key, index, 'assistant', (text) => ({ delta: { [key]: text } })) || changed
      for (const key of thoughts)
        changed = this.#grow(delta, key, index, 'thought', (text) => ({ delta: { [key]: text } })) || changed
      const { function_call: legacy, tool_calls: calls } = delta
      if (isObject(legacy))
        changed =
          this.#grow(legacy, 'arguments', index, 'assistant', (text) => ({
            delta: { function_call: { arguments: text } },
          })) || changed
      for (const call of Array.isArray(calls) ? (calls as unknown[]) : [])
        if (isObject(call)) changed = this.#call(call, index) || changed
    }
    if (choice['logprobs'] === null || choice['logprobs'] === undefined || !this.#guarding.hidesTokens) return changed
    choice['logprobs'] = null
    return true
  }

  #call(call: JsonMembers, choice: number): boolean {
    const { index, function: called, custom } = call
    const say = (more: JsonMembers) => ({ delta: { tool_calls: [{ index, ...more }] } })
    const at = `${choice} ${String(index)}`
    let changed = false
    if (isObject(called))
      changed = this.#grow(
        called,
        'arguments',
        choice,
        'assistant',
        (text) => say({ function: { arguments: text } }),
        at,
      )
    if (isObject(custom))
      changed =
        this.#grow(custom, 'input', choice, 'assistant', (text) => say({ custom: { input: text } }), at) || changed
    return changed
  }

  #grow(
    of: JsonMembers,
    key: string,
    choice: number,
    by: 'assistant' | 'thought',
    say: Growing['say'],
    at = String(choice),
  ): boolean {
    const text = of[key]
    if (typeof text !== 'string') return false
    const name = `${at} ${key}`
    let growing = this.#growing.get(name)
    if (growing === undefined) {
      const chain = this.#guarding.chain({ by, isJson: key === 'arguments' })
      growing = { choice, chain, say }
      this.#growing.set(name, growing)
    }
    const passed = growing.chain.push(text)
    if (key === 'content' || key === 'text') this.#guarding.answered(String(choice), passed)
    of[key] = passed
    return passed !== text
  }

  /** What is held of a choice, in chunks of its own. */
  #flush(choice: number): JsonMembers[] {
    const said: JsonMembers[] = []
    for (const [name, growing] of this.#growing) {
      if (growing.choice !== choice) continue
      this.#growing.delete(name)
      const tail = growing.chain.end()
      if (tail === '') continue
      if (/ (?:content|text)$/.test(name)) this.#guarding.answered(String(choice), tail)
      const { usage, ...chunk } = this.#last
      const told = usage === undefined ? {} : { usage: null }
      said.push({
        ...chunk,
        ...told,
        choices: [{ index: choice, ...growing.say(tail), finish_reason: null, logprobs: null }],
      })
    }
    return said
  }
}
