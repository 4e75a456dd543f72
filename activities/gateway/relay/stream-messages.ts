import { frame } from '#schemas/gateway/wires/change.ts'
import { parsed } from '#schemas/gateway/wires/ending.ts'
import type { Failure } from '#schemas/gateway/wires/failure.ts'
import { bodyOf, isObject } from '#schemas/gateway/wires/members.ts'
import { readError } from '#schemas/gateway/wires/messages/failure.ts'
import { readUsage } from '#schemas/gateway/wires/messages/reply.ts'
import type { Block } from '#schemas/gateway/wires/sse.ts'
import { refuseMessages } from './refusal.ts'
import { noJson, PassedStream } from './stream.ts'
import { read } from './usage.ts'

/** A stream of Anthropic's wire: what it has read it tells with its first event, and what it wrote with the last but one. */
export class MessagesStream extends PassedStream {
  broken(why: Failure): string {
    return frame({ event: 'error', data: refuseMessages(why).body })
  }

  protected watch(data: string, block: Block, passed: Uint8Array[]): Failure | undefined {
    const event = parsed(data)
    if (event === undefined) return noJson()
    switch (event['type']) {
      case 'error':
        return readError(undefined, event)
      case 'content_block_delta':
        this.begun = true
        this.#count(event['delta'])
        break
      case 'message_start':
        this.#hear(isObject(event['message']) ? event['message']['usage'] : undefined)
        break
      case 'message_delta':
        this.#hear(event['usage'])
        this.settled = this.usage !== null
        this.begun = true
        break
      case 'message_stop':
        this.ended = true
        break
      default:
      // the beginning and the end of blocks, pings, and events of a later day
    }
    passed.push(block.bytes)
    return undefined
  }

  #hear(usage: unknown): void {
    const told = read(usage, (given) => readUsage(bodyOf(given)))
    if (told !== null) this.usage = this.usage === null ? told : { ...this.usage, ...told }
  }

  #count(delta: unknown): void {
    if (!isObject(delta)) return
    const text = delta['text'] ?? delta['thinking'] ?? delta['partial_json']
    if (typeof text === 'string') this.characters += text.length
  }
}
