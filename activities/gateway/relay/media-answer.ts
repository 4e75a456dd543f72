import type { JsonMembers, Usage } from '#schemas/gateway/wires/dialogue.ts'
import { failure } from '#schemas/gateway/wires/failure.ts'
import { lastsFor } from '#schemas/gateway/wires/media/index.ts'
import { PassedAnswer, type Refused, type Whole } from './answer.ts'
import { aboutUsed } from './media.ts'
import type { Passed, Stream } from './stream.ts'
import type { Headers } from './upstream.ts'

/** An answer that may be sound or subtitles as well as JSON; its bytes are passed on. */
export class MediaAnswer extends PassedAnswer {
  override head(status: number, given: Headers): void {
    super.head(status, given)
    if (status < 300 && this.stream === null && this.asked.operation === 'speech' && !this.#isJson)
      this.stream = new SoundStream(aboutUsed(this.asked))
  }

  override read(): Whole | Refused {
    if (this.status >= 300 || this.#isJson || this.asked.stream) return super.read()
    const bytes = this.body
    const said = Buffer.from(bytes).toString()
    return { bytes, usage: aboutUsed(this.asked, said, lastsFor(said)), about: true }
  }

  protected override whole(said: JsonMembers, bytes: Uint8Array): Whole {
    const { usage, ...whole } = super.whole(said, bytes)
    const { duration, text } = said
    // an answer in detail tells how long the sound is, and the usage only of late
    if (usage === null && typeof duration === 'number')
      return { ...whole, usage: aboutUsed(this.asked, typeof text === 'string' ? text : '', duration) }
    return { ...whole, usage }
  }

  get #isJson(): boolean {
    return this.headers['content-type']?.includes('json') === true
  }
}

/** Sound on its way: nothing in it can be told to have failed, and nothing says what it used. */
class SoundStream implements Stream {
  readonly usage: Partial<Usage>
  readonly settled = false
  readonly characters = 0
  begun = false

  constructor(usage: Partial<Usage>) {
    this.usage = usage
  }

  push(bytes: Uint8Array): Passed {
    this.begun = true
    return { bytes: [bytes] }
  }

  close(): Passed {
    return this.begun ? { bytes: [] } : { bytes: [], failure: failure('broken', 'The provider sent no sound.') }
  }

  broken(): null {
    return null
  }
}
