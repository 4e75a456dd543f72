import type { Change, OpenPart, ServerEvent, StreamReader } from '../change.ts'
import type { Seal } from '../dialogue.ts'
import { type Failure, failure } from '../failure.ts'
import { isObject, known, Members, type Place } from '../members.ts'
import { Ending, parsed } from '../ending.ts'
import { readError } from './failure.ts'
import { readArguments, takeSeal } from './read.ts'
import { readUsage, stopOf, unknownReason } from './reply.ts'
import { readThoughts } from './thoughts.ts'

/** Reads the chunks of a chat stream. Of what came it holds which parts are open, and nothing of their text. */
export const streamReader = (): StreamReader => new ChatReader()

type Speech = 'text' | 'thinking' | 'refusal'

/** The parts of one choice, as far as they have come. */
class Choice {
  readonly index: number
  readonly #out: Change[]
  #parts = 0
  /** What is being said, which ends when something else is; calls stay open, for their arguments may take turns. */
  #speech: { kind: Speech; part: number; id: string | undefined } | undefined
  #calls: { index: number | undefined; id: string; name: string; part: number }[] = []
  stopped = false

  constructor(index: number, out: Change[]) {
    this.index = index
    this.#out = out
  }

  #open(is: OpenPart): number {
    const part = this.#parts++
    this.#out.push({ type: 'open', choice: this.index, part, is })
    return part
  }
  #close(part: number): void {
    this.#out.push({ type: 'close', choice: this.index, part })
  }
  #hush(): void {
    if (this.#speech !== undefined) this.#close(this.#speech.part)
    this.#speech = undefined
  }

  say(kind: Speech, text: string, as: { summary?: true; id?: string } = {}): void {
    if (
      this.#speech?.kind !== kind ||
      (as.id !== undefined && this.#speech.id !== undefined && as.id !== this.#speech.id)
    ) {
      if (text === '') return
      this.#hush()
      const is: OpenPart = kind === 'thinking' ? { type: kind, text: '', ...as } : { type: kind, text: '' }
      this.#speech = { kind, part: this.#open(is), id: as.id }
    }
    if (text !== '') this.#out.push({ type: 'grow', choice: this.index, part: this.#speech.part, text })
  }
  /** A thought of which only the seal is given, or the seal of what is being thought. */
  seal(seal: Seal, hidden: boolean, id: string | undefined): void {
    if (!hidden && this.#speech?.kind === 'thinking') {
      this.#out.push({ type: 'seal', choice: this.index, part: this.#speech.part, seal })
      return
    }
    this.#hush()
    const is = known({ type: 'thinking', text: '', hidden: hidden ? true : undefined, seal, id })
    this.#close(this.#open(is))
  }
  remark(key: string, value: unknown): void {
    const part = this.#speech?.part ?? this.#open({ type: 'text', text: '' })
    this.#speech ??= { kind: 'text', part, id: undefined }
    this.#out.push({ type: 'remark', choice: this.index, part, extra: { wire: 'chat', members: { [key]: value } } })
  }

  /** Some count every call as the first, and some do not count at all: then the id tells, and the name where that is the same too. */
  call(place: Place): void {
    const call = place.members
    const index = call.number('index')
    const id = call.text('id') ?? ''
    const told = call.members('function')
    const name = told?.text('name') ?? ''
    const text = readArguments(told?.take('arguments'))
    let open =
      index === undefined && id === ''
        ? this.#calls.at(-1)
        : this.#calls.findLast((one) => (index === undefined ? one.id === id : one.index === index))
    if (open === undefined || (id !== '' && id !== open.id) || (name !== '' && name !== open.name)) {
      this.#hush()
      const taken = id === '' || this.#calls.some((one) => one.id === id)
      const named = taken ? `call_${this.index}_${this.#calls.length}` : id
      const is = known({ type: 'tool_call', id: named, name, arguments: '', seal: takeSeal(call) })
      open = { index, id: named, name, part: this.#open(is) }
      this.#calls.push(open)
    }
    if (text !== '') this.#out.push({ type: 'grow', choice: this.index, part: open.part, text })
  }

  stop(reason: string): void {
    if (this.stopped) return
    this.#hush()
    for (const { part } of this.#calls) this.#close(part)
    this.stopped = true
    const stop = stopOf(reason, this.#calls.length > 0)
    this.#out.push(known({ type: 'stop', choice: this.index, stop, extra: unknownReason(reason) }))
  }
}

class ChatReader extends Ending implements StreamReader {
  #begun = false
  #choices = new Map<number, Choice>()

  read({ data }: ServerEvent): Change[] {
    if (this.over) return []
    if (data.trim() === '[DONE]') return this.finish()
    const chunk = parsed(data)
    if (chunk === undefined) return this.fail(failure('broken', 'An event of the stream is no JSON.'))
    if (chunk['error'] != null) return this.fail(readError(undefined, chunk))
    return this.guarded(() => this.#chunk(new Members(chunk)))
  }

  #chunk(chunk: Members): void {
    const choices = chunk.list('choices') ?? []
    if (!this.#begun && choices.length > 0) {
      this.#begun = true
      const [id, model, created, tier] = [
        chunk.text('id'),
        chunk.text('model'),
        chunk.number('created'),
        chunk.text('service_tier'),
      ]
      const print = chunk.text('system_fingerprint')
      const extra =
        print === undefined ? undefined : ({ wire: 'chat', members: { system_fingerprint: print } } as const)
      this.out.push(known({ type: 'begin', id: id ?? '', model: model ?? '', created, tier, extra }))
    }
    for (const place of choices) this.#choice(place.members)
    if (isObject(chunk.value['usage']))
      this.out.push({ type: 'usage', usage: readUsage(new Members(chunk.value['usage'], '/usage')) })
  }

  #choice(told: Members): void {
    const index = told.take('index')?.index ?? 0
    let choice = this.#choices.get(index)
    if (choice === undefined) this.#choices.set(index, (choice = new Choice(index, this.out)))
    const delta = told.members('delta')
    if (delta !== undefined && !choice.stopped) sayDelta(choice, delta)
    const logprobs = told.take('logprobs')?.value
    if (logprobs !== undefined) this.out.push({ type: 'logprobs', choice: index, logprobs })
    const reason = told.text('finish_reason')
    if (reason !== undefined && reason !== '') choice.stop(reason)
  }

  /** `[DONE]`, or the end of the bytes, which some send for it: right if each choice has said why it stopped. */
  finish(): Change[] {
    if (this.over) return []
    const choices = [...this.#choices.values()]
    if (choices.length > 0 && choices.every(({ stopped }) => stopped)) return this.end()
    return this.fail(cut(this.#begun))
  }
}

const cut = (begun: boolean): Failure =>
  failure(
    'broken',
    begun ? 'The stream was cut before the answer had come to its end.' : 'The stream ended before it began.',
  )

const sayDelta = (choice: Choice, delta: Members): void => {
  for (const thought of readThoughts(delta)) {
    const as = known({ summary: thought.summary, id: thought.id })
    if (!thought.hidden) choice.say('thinking', thought.text, as)
    if (thought.seal !== undefined) choice.seal(thought.seal, thought.hidden === true, thought.id)
  }
  const content = delta.take('content')
  if (typeof content?.value === 'string') choice.say('text', content.value)
  else
    for (const { members } of content?.list ?? []) {
      const thought = members.take('thinking')
      if (thought === undefined) choice.say('text', members.text('text') ?? '')
      else
        for (const one of typeof thought.value === 'string'
          ? [thought.value]
          : thought.list.map((inner) => inner.members.text('text') ?? ''))
          choice.say('thinking', one)
    }
  choice.say('refusal', delta.text('refusal') ?? '')
  const annotations = delta.list('annotations')
  if (annotations !== undefined && annotations.length > 0)
    choice.remark(
      'annotations',
      annotations.map(({ value }) => value),
    )
  for (const call of delta.list('tool_calls') ?? []) choice.call(call)
}
