import type { Change, OpenPart, ServerEvent, StreamReader } from '../change.ts'
import { Ending, parsed } from '../ending.ts'
import { failure } from '../failure.ts'
import { isObject, Members } from '../members.ts'
import { madeId } from '../tool-id.ts'
import { readError } from './failure.ts'
import { readPart } from './parts.ts'
import { readUsage, stopOf } from './reply.ts'

/** Reads a stream of `streamGenerateContent` as server-sent events. It has no last word: it is whole if all candidates have finished. */
export const streamReader = (): StreamReader => new GeminiReader()

type Candidate = { parts: number; speech: { kind: string; part: number } | undefined; calls: number; stopped: boolean }

class GeminiReader extends Ending implements StreamReader {
  #begun = false
  #id = ''
  #candidates = new Map<number, Candidate>()

  read({ data }: ServerEvent): Change[] {
    if (this.over) return []
    const chunk = parsed(data)
    if (chunk === undefined) return this.fail(failure('broken', 'An event of the stream is no JSON.'))
    if (chunk['error'] != null) return this.fail(readError(undefined, chunk))
    return this.guarded(() => this.#chunk(new Members(chunk)))
  }

  finish(): Change[] {
    if (this.over) return []
    const all = [...this.#candidates.values()]
    if (all.length > 0 && all.every(({ stopped }) => stopped)) return this.end()
    const said = this.#begun
      ? 'The stream was cut before the answer had come to its end.'
      : 'The stream ended before it began.'
    return this.fail(failure('broken', said))
  }

  #chunk(chunk: Members): void {
    if (!this.#begun) {
      this.#begun = true
      this.#id = chunk.text('responseId') ?? ''
      this.out.push({ type: 'begin', id: this.#id, model: chunk.text('modelVersion') ?? '' })
    }
    for (const place of chunk.list('candidates') ?? []) this.#candidate(place.members)
    const blocked = chunk.members('promptFeedback')?.text('blockReason')
    if (blocked !== undefined && this.#candidates.size === 0) {
      this.#of(0).stopped = true
      const extra = { wire: 'gemini', members: { finishReason: blocked } } as const
      this.out.push({ type: 'stop', choice: 0, stop: 'filtered', extra })
    }
    if (isObject(chunk.value['usageMetadata']))
      this.out.push({ type: 'usage', usage: readUsage(new Members(chunk.value['usageMetadata'], '/usageMetadata')) })
  }

  #of(index: number): Candidate {
    let candidate = this.#candidates.get(index)
    if (candidate === undefined)
      this.#candidates.set(index, (candidate = { parts: 0, speech: undefined, calls: 0, stopped: false }))
    return candidate
  }

  #candidate(told: Members): void {
    const choice = told.take('index')?.index ?? 0
    const candidate = this.#of(choice)
    for (const place of told.members('content')?.list('parts') ?? []) this.#part(choice, candidate, place.members)
    const reason = told.text('finishReason')
    if (reason === undefined || candidate.stopped) return
    this.#hush(choice, candidate)
    candidate.stopped = true
    this.out.push({ type: 'stop', choice, ...stopOf(reason, candidate.calls > 0) })
  }

  #hush(choice: number, candidate: Candidate): void {
    if (candidate.speech !== undefined) this.out.push({ type: 'close', choice, part: candidate.speech.part })
    candidate.speech = undefined
  }

  /** Texts go on from chunk to chunk, the other parts are whole. */
  #part(choice: number, candidate: Candidate, told: Members): void {
    const read = readPart(told, (name) => madeId(this.#id, candidate.calls, name))
    if (read.type === 'text' || read.type === 'thinking') {
      const { seal, text } = read
      if (candidate.speech?.kind !== read.type && !(text === '' && candidate.speech !== undefined)) {
        if (text === '' && seal === undefined) return
        this.#hush(choice, candidate)
        candidate.speech = { kind: read.type, part: candidate.parts++ }
        this.out.push({ type: 'open', choice, part: candidate.speech.part, is: { type: read.type, text: '' } })
      }
      const part = candidate.speech?.part ?? 0
      if (text !== '') this.out.push({ type: 'grow', choice, part, text })
      if (seal !== undefined) {
        // what is signed is whole
        this.out.push({ type: 'seal', choice, part, seal })
        this.#hush(choice, candidate)
      }
      return
    }
    this.#hush(choice, candidate)
    const part = candidate.parts++
    const text = read.type === 'tool_call' ? read.arguments : ''
    const is = (read.type === 'tool_call' ? { ...read, arguments: '' } : read) as OpenPart
    if (read.type === 'tool_call') candidate.calls++
    this.out.push({ type: 'open', choice, part, is })
    if (text !== '') this.out.push({ type: 'grow', choice, part, text })
    this.out.push({ type: 'close', choice, part })
  }
}
