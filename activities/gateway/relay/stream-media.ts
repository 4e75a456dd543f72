import { readError } from '#schemas/gateway/wires/chat/failure.ts'
import type { JsonMembers, Usage } from '#schemas/gateway/wires/dialogue.ts'
import { parsed } from '#schemas/gateway/wires/ending.ts'
import { failure, type Failure } from '#schemas/gateway/wires/failure.ts'
import type { Block } from '#schemas/gateway/wires/sse.ts'
import { refuseChat } from './refusal.ts'
import { noJson, PassedStream, type Passed } from './stream.ts'
import { read } from './usage.ts'

const whole = /\.(?:completed|done)$/

/** A stream of images or sound, or of what is said in sound: each event says of what type it is, the last one what it used. */
export class MediaStream extends PassedStream {
  readonly #readUsage: (usage: unknown) => Partial<Usage>
  #isWhole = false

  constructor(readUsage: (usage: unknown) => Partial<Usage>) {
    super()
    this.#readUsage = readUsage
  }

  broken(why: Failure): string {
    return `data: ${refuseChat(why).body}\n\n`
  }

  override close(): Passed {
    return this.#isWhole
      ? { bytes: [] }
      : { bytes: [], failure: failure('broken', 'The provider ended the stream before the answer was complete.') }
  }

  protected watch(data: string, block: Block, passed: Uint8Array[]): Failure | undefined {
    if (data !== '[DONE]') {
      const event = parsed(data)
      if (event === undefined) return noJson()
      if (event['error'] !== undefined && event['error'] !== null) return readError(undefined, event)
      if (event['type'] === 'error') return readError(undefined, { error: event })
      this.#hear(event)
    }
    passed.push(block.bytes)
    return undefined
  }

  #hear({ type, delta, usage }: JsonMembers): void {
    this.begun = true
    if (typeof delta === 'string' && type === 'transcript.text.delta') this.characters += delta.length
    if (typeof type !== 'string' || !whole.test(type)) return
    this.#isWhole = true
    // of several images each tells its own
    const told = read(usage, this.#readUsage)
    if (told === null) return
    this.usage = this.usage === null ? told : sum(this.usage, told)
    this.settled = true
  }
}

const sum = (a: Partial<Usage>, b: Partial<Usage>): Partial<Usage> => {
  const added: Record<string, unknown> = { ...a }
  for (const [key, value] of Object.entries(b))
    if (typeof value === 'number') added[key] = value + Number(added[key] ?? 0)
  return added
}
