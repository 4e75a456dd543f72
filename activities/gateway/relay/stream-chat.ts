import { readError } from '#schemas/gateway/wires/chat/failure.ts'
import { readUsage } from '#schemas/gateway/wires/chat/reply.ts'
import { parsed } from '#schemas/gateway/wires/ending.ts'
import type { Failure } from '#schemas/gateway/wires/failure.ts'
import { bodyOf, isObject } from '#schemas/gateway/wires/members.ts'
import type { Block } from '#schemas/gateway/wires/sse.ts'
import { refuseChat } from './refusal.ts'
import { noJson, PassedStream } from './stream.ts'
import { inTier, read } from './usage.ts'

/** A stream of OpenAI's chat wire, or of the one before it. Its usage is taken out again where nobody asked for it. */
export class ChatStream extends PassedStream {
  readonly #tellsUsage: boolean

  constructor(tellsUsage: boolean) {
    super()
    this.#tellsUsage = tellsUsage
  }

  broken(why: Failure): string {
    return `data: ${refuseChat(why).body}\n\n`
  }

  protected watch(data: string, block: Block, passed: Uint8Array[]): Failure | undefined {
    if (data === '[DONE]') {
      this.ended = true
      this.begun = true
      passed.push(block.bytes)
      return undefined
    }
    const chunk = parsed(data)
    if (chunk === undefined) return noJson()
    const { error, usage, choices, service_tier: tier } = chunk
    if (error !== undefined && error !== null) return readError(undefined, chunk)
    if (usage !== undefined && usage !== null) {
      const told = read(usage, (one) => readUsage(bodyOf(one)))
      this.usage = inTier(told, tier) ?? this.usage
      this.settled = this.usage !== null
    }
    this.#count(choices)
    if (this.#tellsUsage || usage === undefined) passed.push(block.bytes)
    else if (!isEmpty(choices)) passed.push(withoutUsage(block.bytes))
    return undefined
  }

  #count(choices: unknown): void {
    if (!Array.isArray(choices)) return
    for (const choice of choices) {
      const { delta, text = delta?.content } = (choice ?? {}) as { delta?: { content?: unknown }; text?: unknown }
      if (typeof text === 'string') this.characters += text.length
      this.begun ||= saysSomething(choice)
    }
  }
}

/** More than whose turn it is. */
const saysSomething = (choice: unknown): boolean => {
  if (!isObject(choice)) return false
  const { delta, text, finish_reason: finish } = choice
  if (typeof finish === 'string' || (typeof text === 'string' && text !== '')) return true
  return (
    isObject(delta) &&
    Object.entries(delta).some(
      ([key, value]) => key !== 'role' && value !== null && value !== '' && value !== undefined,
    )
  )
}

const isEmpty = (choices: unknown): boolean => !Array.isArray(choices) || choices.length === 0

/** With the usage asked for, each chunk has a `usage: null`; who did not ask for it would not have got that. */
const withoutUsage = (bytes: Uint8Array): Uint8Array =>
  Buffer.from(
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
      .toString()
      .replace(/,\s*"usage"\s*:\s*null/, ''),
  )
