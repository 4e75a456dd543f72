import type { Accounted } from './accounted.ts'
import type { Asked } from './asked.ts'
import { answerOf, type CachedAnswer } from './cache-answer.ts'
import type { Sink } from './sink.ts'

/** The most bytes of an answer that is kept: longer ones are rare, and cost the place of many others. */
const mostBytes = 512 * 1024

/** What came of an asking: an answer to keep; nobody waits for it any more; or nothing that could be given again. */
export type Came = { answer: CachedAnswer } | 'left' | 'nothing'

/** Passes an answer on as it comes, and holds what passes until it is known whether it is whole and good. */
export class Keeping implements Sink {
  readonly #asked: Asked
  readonly #sink: Sink
  readonly #came: (came: Came) => void
  #pieces: Uint8Array[] | null = []
  #size = 0
  #headers: Readonly<Record<string, string>> = {}
  #row: Accounted | undefined
  #isTold = false

  /** `came` is called once: when it is over, or sooner where it is clear that nothing will be kept. */
  constructor(asked: Asked, sink: Sink, came: (came: Came) => void) {
    this.#asked = asked
    this.#sink = sink
    this.#came = came
  }

  begin(status: number, headers: Readonly<Record<string, string>>): void {
    this.#headers = headers
    if (status !== 200) this.#pieces = null
    this.#sink.begin(status, headers)
  }

  write(bytes: Uint8Array | string): boolean {
    this.#hold(bytes)
    return this.#sink.write(bytes)
  }

  end(bytes?: Uint8Array | string): void {
    if (bytes !== undefined) this.#hold(bytes)
    this.#sink.end(bytes)
  }

  cut(): void {
    this.#pieces = null
    this.#sink.cut()
  }

  drained(go: () => void): void {
    this.#sink.drained(go)
  }

  /** How it went, which is known before the end is said. */
  wrote(row: Accounted): void {
    this.#row = row
  }

  /** Nothing more comes. */
  over(): void {
    const [row, pieces] = [this.#row, this.#pieces]
    if (row?.outcome === 'cancelled') return this.#tell('left')
    if (row?.outcome !== 'ok' || pieces === null) return this.#tell('nothing')
    const answer = answerOf(this.#asked, Buffer.concat(pieces), this.#headers, row)
    this.#tell(answer === null ? 'nothing' : { answer })
  }

  #hold(bytes: Uint8Array | string): void {
    if (this.#pieces === null) return
    const piece = typeof bytes === 'string' ? Buffer.from(bytes) : bytes
    this.#size += piece.length
    this.#pieces.push(piece)
    if (this.#size <= mostBytes) return
    this.#pieces = null
    this.#tell('nothing')
  }

  #tell(came: Came): void {
    if (this.#isTold) return
    this.#isTold = true
    this.#pieces = null
    this.#came(came)
  }
}
