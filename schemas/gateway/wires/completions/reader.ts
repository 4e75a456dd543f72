import type { Change, ServerEvent, StreamReader } from '../change.ts'
import { readError } from '../chat/failure.ts'
import { readUsage, stopOf } from '../chat/reply.ts'
import type { Reply } from '../dialogue.ts'
import { Ending, parsed } from '../ending.ts'
import { failure } from '../failure.ts'
import { asProvider, bodyOf, isObject, known, Members } from '../members.ts'

/** What somebody was answered on this wire. How likely its tokens were is left out: no other wire tells it that way. */
export const readReply = (body: unknown): Reply =>
  asProvider(() => {
    const members = bodyOf(body)
    return known({
      id: members.text('id') ?? '',
      model: members.text('model') ?? '',
      created: members.number('created'),
      choices: members.need('choices').list.map(({ members: choice }) => ({
        parts: [{ type: 'text' as const, text: choice.need('text').text }],
        stop: stopOf(choice.text('finish_reason'), false),
      })),
      usage: members.value['usage'] == null ? undefined : readUsage(members.need('usage').members),
    })
  })

export const streamReader = (): StreamReader => new CompletionsReader()

class CompletionsReader extends Ending implements StreamReader {
  #begun = false
  /** Whether each choice has said why it stopped. */
  readonly #stopped = new Map<number, boolean>()

  read({ data }: ServerEvent): Change[] {
    if (this.over) return []
    const isWhole = this.#stopped.size > 0 && [...this.#stopped.values()].every(Boolean)
    if (data.trim() === '[DONE]') return isWhole ? this.end() : this.finish()
    const chunk = parsed(data)
    if (chunk === undefined) return this.fail(failure('broken', 'An event of the stream is no JSON.'))
    if (chunk['error'] != null) return this.fail(readError(undefined, chunk))
    return this.guarded(() => this.#chunk(new Members(chunk)))
  }

  finish(): Change[] {
    if (this.over) return []
    return this.fail(failure('broken', 'The stream was cut before the answer had come to its end.'))
  }

  #chunk(chunk: Members): void {
    const [id, model, created] = [chunk.text('id') ?? '', chunk.text('model') ?? '', chunk.number('created')]
    if (!this.#begun) this.out.push(known({ type: 'begin', id, model, created }))
    this.#begun = true
    for (const { members: told } of chunk.list('choices') ?? []) this.#choice(told)
    const { usage } = chunk.value
    if (isObject(usage)) this.out.push({ type: 'usage', usage: readUsage(new Members(usage, '/usage')) })
  }

  #choice(told: Members): void {
    const choice = told.take('index')?.index ?? 0
    if (!this.#stopped.has(choice)) {
      this.#stopped.set(choice, false)
      this.out.push({ type: 'open', choice, part: 0, is: { type: 'text', text: '' } })
    }
    const text = told.text('text') ?? ''
    if (text !== '') this.out.push({ type: 'grow', choice, part: 0, text })
    const reason = told.text('finish_reason')
    if (reason === undefined || this.#stopped.get(choice) === true) return
    this.#stopped.set(choice, true)
    this.out.push({ type: 'close', choice, part: 0 }, { type: 'stop', choice, stop: stopOf(reason, false) })
  }
}
