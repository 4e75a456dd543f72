import { kinds } from '#schemas/gateway/kinds/index.ts'
import type { ProviderKind } from '#schemas/gateway/kinds/kind.ts'
import type { Target } from '#schemas/gateway/routes.ts'
import { failure, type Failure } from '#schemas/gateway/wires/failure.ts'
import { spanOf, splice } from '#schemas/gateway/wires/splice.ts'
import type { KnownProvider } from '../store-known.ts'
import { PassedAnswer, type Answer } from './answer.ts'
import type { Asked } from './asked.ts'
import { spliceForm, type Form } from './form.ts'
import type { Marking } from './marking.ts'
import { MediaAnswer } from './media-answer.ts'
import { isMedia } from './media.ts'
import { speeches } from './speech.ts'
import { dialogueOf } from './read.ts'
import { settingMembers, withSettings } from './settings.ts'
import { translate } from './translate.ts'
import { TranslatedAnswer } from './translated.ts'

export type Candidate = { target: Target; provider: KnownProvider }

/** What a provider is sent, and who reads what it answers. */
export type Said = {
  path: string
  headers: Readonly<Record<string, string>>
  body: Uint8Array | readonly Uint8Array[]
  answer: Answer
  /** Its prompt was marked for the provider's cache. */
  marked?: true
}

/** All of a body. */
export const joined = (body: Said['body']): Buffer =>
  body instanceof Uint8Array ? Buffer.from(body.buffer, body.byteOffset, body.length) : Buffer.concat(body)

const none = {}
/** Sound and subtitles are no JSON. */
const anyAnswer = { accept: '*/*' }

/** Whether a provider can be asked this at all: on the wire of who asks, or on its own. */
export const isAble = ({ kind }: KnownProvider, { operation, stream }: Asked): boolean => {
  const { paths, wholeOnly } = kinds[kind]
  if (stream && wholeOnly?.includes(operation) === true) return false
  return paths[operation] !== undefined || speeches[operation].spoken !== null
}

/** Says one request to providers: in its own bytes where they speak its wire, else translated. */
export class Saying {
  readonly #asked: Asked
  readonly #id: string
  readonly #marking: Marking | null

  /** `id`: what an answer is called that comes without a name. `marking`: null where prompts go as they are. */
  constructor(asked: Asked, id: string, marking: Marking | null) {
    this.#asked = asked
    this.#id = id
    this.#marking = marking
  }

  /** To one of them; or why that cannot be. */
  to(candidate: Candidate): Said | Failure {
    const said = this.#unmarked(candidate)
    return this.#marking === null || 'class' in said ? said : this.#marked(said, candidate, this.#marking)
  }

  #marked(said: Said, { target, provider }: Candidate, marking: Marking): Said {
    const kind = kinds[provider.kind]
    const { wire } = kind
    if (kind.keepsMarked?.(target.model) !== true || (wire !== 'messages' && wire !== 'converse')) return said
    if (this.#asked.operation === 'count_tokens') return said
    const body = marking.of(joined(said.body), wire, `${provider.name}/${target.model}`)
    return body === null ? said : { ...said, body, marked: true }
  }

  #unmarked({ target, provider }: Candidate): Said | Failure {
    const kind = kinds[provider.kind]
    const { operation, bytes, scanned, set, headers, settings, form } = this.#asked
    const own = kind.paths[operation]
    if (form !== undefined && own !== undefined) return this.#form(form, own, target.model)
    if (own !== undefined) {
      const byRules = settings === undefined ? none : settingMembers(settings, this.#asked, provider.kind)
      const tier = this.#asked.waits === true ? this.#tier(kind, target.model) : none
      const members = { ...set, ...tier, ...byRules, model: JSON.stringify(target.model) }
      const body = Buffer.concat(splice(bytes, scanned, members))
      if (isMedia(operation)) return { path: own, headers: anyAnswer, body, answer: new MediaAnswer(this.#asked) }
      return { path: own, headers, body, answer: new PassedAnswer(this.#asked) }
    }
    const { spoken } = speeches[operation]
    const dialogue = dialogueOf(this.#asked)
    if (spoken === null || dialogue === null)
      return failure('invalid', `${kind.title} cannot be asked for ${operation}.`, { param: 'model' })
    if ('class' in dialogue) return dialogue
    const wanted = settings === undefined ? dialogue : withSettings(dialogue, settings)
    const said = translate({ ...wanted, model: target.model }, kind, this.#asked.drops)
    if ('class' in said) return said
    const answer = new TranslatedAnswer(this.#asked, spoken, kind.wire, said.unsaid, {
      id: this.#id,
      model: target.model,
    })
    const path = kind.path({ model: target.model, stream: this.#asked.stream })
    return { path, headers: none, body: said.body, answer }
  }

  /** The form as it came, but for the model: nothing of it is held twice. */
  #form(form: Form, path: string, model: string): Said {
    const body = spliceForm(form, { model })
    const size = body.reduce((sum, { length }) => sum + length, 0)
    const headers = { ...anyAnswer, 'content-type': form.contentType, 'content-length': String(size) }
    return { path, headers, body, answer: new MediaAnswer(this.#asked) }
  }

  /** The cheaper tier for what may wait, unless who asks has said another. */
  #tier({ flex }: ProviderKind, model: string): Readonly<Record<string, string>> {
    const { operation, scanned } = this.#asked
    const has = (operation === 'chat' || operation === 'responses') && flex?.fits(model) === true
    return has && spanOf(scanned, 'service_tier') === undefined ? { service_tier: '"flex"' } : none
  }
}
