import type { Operation } from '#schemas/gateway/kinds/kind.ts'
import { eachText, type Place, type Speaker } from '#schemas/gateway/guardrails/body.ts'
import { frame } from '#schemas/gateway/wires/change.ts'
import type { JsonMembers } from '#schemas/gateway/wires/dialogue.ts'
import { parsed } from '#schemas/gateway/wires/ending.ts'
import type { Failure } from '#schemas/gateway/wires/failure.ts'
import { EventSplitter, type Block } from '#schemas/gateway/wires/sse.ts'
import type { Asked } from './asked.ts'
import { answerTexts, readReply, rewriteReply } from './guard-answer.ts'
import { eventsOf, type Events } from './guard-events.ts'
import type { Seen } from './guard-seen.ts'
import { lookAtCalls, looksAtCalls } from './guard-tools.ts'
import type { Chain, Texts } from './guard-texts.ts'
import type { Sink } from './sink.ts'
import { speeches } from './speech.ts'

/** What answers that are refused end in: the request is to be left. */
export type Ending = {
  /** Nothing more is to come of the provider. */
  leave(): void
  /** An answer that does not fit may be asked for once more; false where it may not. */
  again(answer: string, why: readonly string[]): boolean
}

const talks = new Set<Operation>(['chat', 'responses', 'completions', 'messages', 'embeddings'])

/** An answer on its way to who asked: looked at, and with the values put back that were masked. */
export class Guarding implements Sink {
  readonly #to: Sink
  readonly #asked: Asked
  readonly #seen: readonly Seen[]
  readonly #texts: Texts
  readonly #ending: Ending
  readonly #fits: readonly Seen[]
  /** The texts of an answer that has to fit, by choice. */
  readonly #answers = new Map<string, string[]>()
  readonly hidesTokens: boolean
  #head: { status: number; headers: Readonly<Record<string, string>> } | null = null
  #events: Events | null = null
  #splitter: EventSplitter | null = null
  #pieces: Buffer[] = []
  #closed = false
  /** Why the answer was held back, if it was. */
  refusal: Failure | null = null

  constructor(to: Sink, asked: Asked, seen: readonly Seen[], texts: Texts, ending: Ending) {
    this.#to = to
    this.#asked = asked
    this.#seen = seen
    this.#texts = texts
    this.#ending = ending
    this.#fits = seen.filter(({ applied }) => applied.guard.check.does === 'fits')
    this.hidesTokens = texts.changes('output')
  }

  /** Whether an answer has to pass here at all: what is no conversation is not looked at. */
  static isNeeded({ operation }: Asked, seen: readonly Seen[], texts: Texts): boolean {
    if (!Guarding.looksAt(operation)) return false
    const fits = seen.some(({ applied }) => applied.guard.check.does === 'fits')
    return fits || texts.hasValues || texts.look('output') || looksAtCalls(seen)
  }

  static looksAt(operation: Operation): boolean {
    return talks.has(operation)
  }

  begin(status: number, headers: Readonly<Record<string, string>>): void {
    this.#head = { status, headers }
    if (status >= 300 || headers['content-type']?.startsWith('text/event-stream') !== true) return
    this.#splitter = new EventSplitter()
    this.#events = eventsOf(this.#asked.operation, this)
  }

  write(bytes: Uint8Array | string): boolean {
    if (this.#closed) return true
    const buffer = typeof bytes === 'string' ? Buffer.from(bytes) : bytes
    if (this.#splitter === null) {
      this.#pieces.push(Buffer.from(buffer))
      return true
    }
    const passed = this.#splitter.push(buffer).flatMap((block) => this.#pass(block))
    return this.#closed || passed.length === 0 ? true : this.#say(passed)
  }

  end(bytes?: Uint8Array | string): void {
    if (this.#splitter === null) {
      if (bytes !== undefined) this.write(bytes)
      return this.#endWhole()
    }
    if (this.#closed) return
    // what breaks off is told as broken after all that came
    const held = this.#rest()
    if (this.#refuse()) return
    this.#open()
    const rest = this.#splitter.rest
    this.#closed = true
    const last = typeof bytes === 'string' ? Buffer.from(bytes) : bytes
    this.#to.end(Buffer.concat([...held, rest, ...(last === undefined ? [] : [last])]))
  }

  cut(): void {
    this.#closed = true
    this.#open()
    this.#to.cut()
  }

  drained(go: () => void): void {
    if (this.#closed) go()
    else this.#to.drained(go)
  }

  chain(place: Place): Chain {
    return this.#texts.chain('output', place)
  }

  /** A value with its texts as they are passed on; `again` where it repeats what was looked at before. */
  whole(value: unknown, by: Speaker, again: boolean, key = ''): unknown {
    return eachText(value, by, (text, place) => this.#texts.whole('output', text, place, again), key)
  }

  calls(called: unknown): void {
    lookAtCalls(called, this.#seen)
  }

  answered(choice: string, text: string): void {
    if (this.#fits.length === 0 || text === '') return
    const texts = this.#answers.get(choice)
    if (texts === undefined) this.#answers.set(choice, [text])
    else texts.push(text)
  }

  /** A choice of a stream is about to end. */
  finished(choice: string): void {
    for (const seen of this.#fits) this.#fit(seen, (this.#answers.get(choice) ?? []).join(''))
  }

  /** Why it does not fit; null where it does. */
  #fit(seen: Seen, text: string): string[] | null {
    const { check } = seen.applied.guard
    const wrong = check.does === 'fits' ? check.wrong(text) : null
    if (wrong !== null) seen.object('output', 'schema', wrong)
    return wrong
  }

  #pass(block: Block): Uint8Array[] {
    const { event } = block
    if (this.#closed) return []
    if (event === undefined || this.#events === null) return [block.bytes]
    const read = event.data === '[DONE]' ? undefined : parsed(event.data)
    const { before, changed } =
      read === undefined ? { before: this.#events.rest(), changed: false } : this.#events.rewrite(read)
    if (this.#refuse(before)) return []
    const own = changed ? Buffer.from(frame({ ...event, data: JSON.stringify(read) })) : block.bytes
    return [...before.map((one) => framed(one, event.event !== undefined)), own]
  }

  #rest(): Uint8Array[] {
    const isNamed = this.#asked.operation === 'messages' || this.#asked.operation === 'responses'
    return (this.#events?.rest() ?? []).map((one) => framed(one, isNamed))
  }

  #say(passed: readonly Uint8Array[]): boolean {
    this.#open()
    return this.#to.write(passed.length === 1 ? (passed[0] as Uint8Array) : Buffer.concat(passed))
  }

  #open(): void {
    const head = this.#head
    this.#head = null
    if (head !== null) this.#to.begin(head.status, head.headers)
  }

  /** Ends the answer where somebody has refused it: as a refusal, or as an error in the midst of it. */
  #refuse(before: readonly JsonMembers[] = []): boolean {
    const refused = this.#seen.find(({ isBlocked }) => isBlocked)
    if (refused === undefined) return false
    const speech = speeches[this.#asked.operation]
    const why = refused.refusal
    this.refusal = why
    this.#closed = true
    if (this.#head === null) {
      const isNamed = this.#asked.operation === 'messages' || this.#asked.operation === 'responses'
      const isWrong = refused.applied.guard.kind === 'schema'
      // it was the whole that did not fit, and all of it has come
      const said = isWrong ? before.map((one) => framed(one, isNamed)) : []
      this.#to.end(Buffer.concat([...said, Buffer.from(speech.stream(true).broken(why) ?? '')]))
    } else {
      const { status, body } = speech.refuse(why)
      this.#to.begin(status, { ...this.#head.headers, 'content-type': 'application/json' })
      this.#to.end(body)
    }
    // what does not fit has come whole, and tells its usage yet
    if (refused.applied.guard.kind !== 'schema') this.#ending.leave()
    return true
  }

  #endWhole(): void {
    const bytes = Buffer.concat(this.#pieces)
    const { status = 200 } = this.#head ?? {}
    const reply = readReply(bytes.toString())
    if (reply === null || this.#asked.operation === 'embeddings') return this.#endAs(bytes)
    if (status >= 300) return this.#endAs(JSON.stringify(this.whole(reply, 'echo', true)))
    const said = answerTexts(this.#asked.operation, reply)
    const { choices, output, content } = reply
    this.calls([choices, output, content])
    rewriteReply(reply, (...value) => this.whole(...value), this.hidesTokens)
    if (this.#unfit(answerTexts(this.#asked.operation, reply), said)) return
    if (!this.#refuse()) this.#endAs(JSON.stringify(reply))
  }

  /** Whether an answer that does not fit is asked for once more. */
  #unfit(texts: readonly string[], said: readonly string[]): boolean {
    for (const seen of this.#fits)
      for (const [n, text] of texts.entries()) {
        const { check } = seen.applied.guard
        const wrong = check.does === 'fits' ? check.wrong(text) : null
        if (wrong === null) continue
        if (seen.applied.act === 'mask' && this.#ending.again(said[n] ?? '', wrong)) {
          seen.count('output', 'schema')
          seen.do('masked', wrong)
          return true
        }
        seen.object('output', 'schema', wrong)
      }
    return false
  }

  #endAs(body: Uint8Array | string): void {
    this.#closed = true
    this.#open()
    this.#to.end(body)
  }
}

const framed = (event: JsonMembers, isNamed: boolean): Buffer => {
  const data = JSON.stringify(event)
  return Buffer.from(frame(isNamed ? { event: String(event['type']), data } : { data }))
}
