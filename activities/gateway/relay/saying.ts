import { kinds } from '#schemas/gateway/kinds/index.ts'
import type { Target } from '#schemas/gateway/routes.ts'
import { failure, type Failure } from '#schemas/gateway/wires/failure.ts'
import { splice } from '#schemas/gateway/wires/splice.ts'
import type { KnownProvider } from '../store-known.ts'
import { PassedAnswer, type Answer } from './answer.ts'
import type { Asked } from './asked.ts'
import { speeches } from './speech.ts'
import { dialogueOf } from './read.ts'
import { settingMembers, withSettings } from './settings.ts'
import { translate } from './translate.ts'
import { TranslatedAnswer } from './translated.ts'

export type Candidate = { target: Target; provider: KnownProvider }

/** What a provider is sent, and who reads what it answers. */
export type Said = { path: string; headers: Readonly<Record<string, string>>; body: Uint8Array; answer: Answer }

const none = {}

/** Whether a provider can be asked this at all: on the wire of who asks, or on its own. */
export const isAble = ({ kind }: KnownProvider, { operation }: Asked): boolean => {
  return kinds[kind].paths[operation] !== undefined || speeches[operation].spoken !== null
}

/** Says one request to providers: in its own bytes where they speak its wire, else translated. */
export class Saying {
  readonly #asked: Asked
  readonly #id: string

  /** `id`: what an answer is called that comes without a name. */
  constructor(asked: Asked, id: string) {
    this.#asked = asked
    this.#id = id
  }

  /** To one of them; or why that cannot be. */
  to({ target, provider }: Candidate): Said | Failure {
    const kind = kinds[provider.kind]
    const { operation, bytes, scanned, set, headers, settings } = this.#asked
    const own = kind.paths[operation]
    if (own !== undefined) {
      const byRules = settings === undefined ? none : settingMembers(settings, this.#asked, provider.kind)
      const body = Buffer.concat(splice(bytes, scanned, { ...set, ...byRules, model: JSON.stringify(target.model) }))
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
}
