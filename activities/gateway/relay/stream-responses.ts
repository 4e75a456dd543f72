import { readError } from '#schemas/gateway/wires/chat/failure.ts'
import { frame } from '#schemas/gateway/wires/change.ts'
import { parsed } from '#schemas/gateway/wires/ending.ts'
import type { JsonMembers } from '#schemas/gateway/wires/dialogue.ts'
import type { Failure } from '#schemas/gateway/wires/failure.ts'
import { bodyOf, isObject } from '#schemas/gateway/wires/members.ts'
import { readUsage } from '#schemas/gateway/wires/responses/reply.ts'
import type { Block } from '#schemas/gateway/wires/sse.ts'
import { refuseChat } from './refusal.ts'
import { noJson, PassedStream } from './stream.ts'
import { inTier, read } from './usage.ts'

const text = /^response\.(?:output_text|refusal|reasoning_text|reasoning_summary_text|function_call_arguments)\.delta$/

/** A stream of OpenAI's responses: its last event tells the whole of it once more, and what it used. */
export class ResponsesStream extends PassedStream {
  #count = 0

  broken(why: Failure): string {
    const { error } = JSON.parse(refuseChat(why).body) as { error: { code: unknown; message: string; param: unknown } }
    const { code, message, param } = error
    const data = JSON.stringify({ type: 'error', sequence_number: this.#count, code, message, param })
    return frame({ event: 'error', data })
  }

  protected watch(data: string, block: Block, passed: Uint8Array[]): Failure | undefined {
    if (data !== '[DONE]') {
      const event = parsed(data)
      if (event === undefined) return noJson()
      const failed = this.#hear(event)
      if (failed !== undefined) return failed
    }
    passed.push(block.bytes)
    return undefined
  }

  #hear(event: JsonMembers): Failure | undefined {
    const { type, response } = event
    this.#count++
    if (type === 'error') return readError(undefined, isObject(event['error']) ? event : { error: event })
    if (type === 'response.failed') return readError(undefined, isObject(response) ? response : {})
    if (type === 'response.completed' || type === 'response.incomplete') {
      this.ended = true
      this.begun = true
      const of = isObject(response) ? response : {}
      this.usage = inTier(
        read(of['usage'], (told) => readUsage(bodyOf(told))),
        of['service_tier'],
      )
      this.settled = this.usage !== null
    } else if (typeof type === 'string' && type.endsWith('.delta')) {
      this.begun = true
      if (typeof event['delta'] === 'string' && text.test(type)) this.characters += event['delta'].length
    }
    return undefined
  }
}
