import type { Operation } from '#schemas/gateway/kinds/kind.ts'
import type { Dialogue, Part } from '#schemas/gateway/wires/dialogue.ts'
import { valueAt } from '#schemas/gateway/wires/splice.ts'
import type {
  BudgetFacts,
  Conversation,
  Facts,
  Judge,
  Named,
  RequestFacts,
  Unread,
  Verdict,
} from '#schemas/steering/facts.ts'
import type { Plan } from '#schemas/steering/compile.ts'
import { tagList } from '#schemas/steering/tags.ts'
import type { Caller } from '../store-known.ts'
import type { Asked } from './asked.ts'
import { dialogueOf } from './read.ts'

type OfCaller = Pick<Facts, 'key' | 'user' | 'team' | 'tags'>
const nobody = { id: '', email: '' }
const callers = new WeakMap<Caller, OfCaller>()

/** What is known of who asks: the same for all their requests. */
const ofCaller = (caller: Caller): OfCaller => {
  const known = callers.get(caller)
  if (known !== undefined) return known
  const tags = tagList(caller.tags)
  const key = { id: caller.key ?? '', name: caller.name ?? '', tags }
  // a team is what keys are tagged with
  const { team = '' } = caller.tags
  const made = { key, user: caller.user ?? nobody, team: { id: team, name: team }, tags }
  callers.set(caller, made)
  return made
}

/** What is known beside the request: how its budgets stand, and what a classifier says of prompts. */
type Known = { budget: () => BudgetFacts; judge: Judge | null }

/** What rules see of a request; whatever costs something is worked out when a rule first reads it. */
export class AskedFacts implements Facts {
  readonly at = Date.now()
  readonly zone = 'UTC'
  readonly caller: Caller
  readonly tenant: Named
  readonly key: Facts['key']
  readonly user: Facts['user']
  readonly team: Named
  readonly tags: readonly string[]
  readonly request: RequestFacts
  readonly headers: Facts['headers']
  readonly judge: Judge | null
  /** What the classifier said of it, once a rule has asked. */
  verdict: Verdict | undefined
  readonly unread: Unread
  readonly #asked: Asked
  readonly #budgetOf: () => BudgetFacts
  #budget: BudgetFacts | undefined

  constructor(tenant: Named, caller: Caller, asked: Asked, reads: Plan['reads'], known: Known) {
    const { key, user, team, tags } = ofCaller(caller)
    this.caller = caller
    this.tenant = tenant
    this.key = key
    this.user = user
    this.team = team
    this.tags = tags
    this.unread = new UnreadBody(asked.bytes)
    this.request = new AskedRequest(asked, this.unread)
    this.headers = reads.headers.length === 0 ? none : headersOf(asked, reads.headers)
    this.#asked = asked
    const { judge } = known
    this.judge = judge === null ? null : (...said) => (this.verdict = judge(...said))
    this.#budgetOf = known.budget
  }

  get budget(): BudgetFacts {
    return (this.#budget ??= this.#budgetOf())
  }

  prompt(): Conversation {
    const dialogue = readable(this.#asked)
    return dialogue === null ? { system: '', turns: textsOf(this.#asked) } : conversationOf(dialogue)
  }
}

const none: Readonly<Record<string, string>> = {}
/** Whoever writes rules is not told the secrets of those who ask. */
const secret = new Set(['authorization', 'proxy-authorization', 'x-api-key', 'api-key', 'cookie'])

const headersOf = ({ told = none }: Asked, names: readonly string[]): Record<string, string> => {
  const found: Record<string, string> = {}
  for (const name of names.includes('*') ? Object.keys(told) : names) {
    const value = secret.has(name) ? undefined : told[name]
    if (value !== undefined) found[name] = typeof value === 'string' ? value : value.join(', ')
  }
  return found
}

export const kindOf: Record<Operation, RequestFacts['kind']> = {
  chat: 'chat',
  responses: 'chat',
  messages: 'chat',
  count_tokens: 'chat',
  completions: 'completion',
  embeddings: 'embedding',
  moderations: 'moderation',
  images: 'image',
  image_edits: 'image',
  image_variations: 'image',
  speech: 'audio',
  transcriptions: 'audio',
  translations: 'audio',
}

/** The bytes of a body as they came. */
class UnreadBody implements Unread {
  readonly #bytes: Buffer
  #escapes: boolean | undefined
  #mostTurns: number | undefined

  constructor({ buffer, byteOffset, length }: Uint8Array) {
    this.#bytes = Buffer.from(buffer, byteOffset, length)
  }
  /** A character is a byte at least and a token at most; an empty turn, which is taken for four, has three bytes around it. */
  get most(): number {
    return 2 * this.#bytes.length
  }
  /** Each turn is an entry of a list, and a comma stands between two. Of what is large it is counted when it is read. */
  get mostTurns(): number {
    return (this.#mostTurns ??= this.#bytes.length > countedUpTo ? this.#bytes.length : commasIn(this.#bytes) + 1)
  }
  /** What JSON may write in several ways, and what is put between texts that are joined, may be there in any case. */
  mayHold(text: string): boolean {
    if (written.test(text)) return true
    this.#escapes ??= this.#bytes.includes(String.raw`\u`)
    return this.#escapes || this.#bytes.includes(text)
  }
}
const countedUpTo = 32 * 1024
const commasIn = (bytes: Uint8Array): number => {
  let count = 0
  for (let at = bytes.indexOf(0x2c); at !== -1; at = bytes.indexOf(0x2c, at + 1)) count++
  return count
}
const written = /[\p{Cc}"\\/\ufffd]|[\ud800-\udfff]/u

class AskedRequest implements RequestFacts {
  readonly model: string
  readonly kind: RequestFacts['kind']
  readonly wire: RequestFacts['wire']
  readonly stream: boolean
  readonly #asked: Asked
  readonly #unread: Unread
  #tools: readonly string[] | undefined
  #images: boolean | undefined
  #audio: boolean | undefined
  #files: boolean | undefined
  #structured: boolean | undefined

  constructor(asked: Asked, unread: Unread) {
    const { operation } = asked
    this.#asked = asked
    this.#unread = unread
    this.model = asked.model
    this.kind = kindOf[operation]
    this.wire = operation === 'messages' || operation === 'count_tokens' ? 'anthropic' : 'openai'
    this.stream = asked.stream
  }
  get maxTokens(): number {
    return (
      this.#number('max_completion_tokens') ?? this.#number('max_tokens') ?? unsaid(this.#number('max_output_tokens'))
    )
  }
  get temperature(): number {
    return unsaid(this.#number('temperature'))
  }
  get tools() {
    const { bytes, scanned } = this.#asked
    return (this.#tools ??= namesOf(valueAt(bytes, scanned, 'tools')))
  }
  get images() {
    return (this.#images ??= this.#has('image', ['image']))
  }
  get audio() {
    return (this.#audio ??= this.#has('audio', ['audio']))
  }
  get files() {
    return (this.#files ??= this.#has('document', ['file', 'document']))
  }
  get structured() {
    return (this.#structured ??= this.#mayHold(['schema']) && readable(this.#asked)?.format?.type === 'schema')
  }

  #number(key: string): number | undefined {
    const value = valueAt(this.#asked.bytes, this.#asked.scanned, key)
    return typeof value === 'number' ? value : undefined
  }

  #has(type: Part['type'], words: readonly string[]): boolean {
    return this.#mayHold(words) && (readable(this.#asked)?.turns.some(({ parts }) => holds(parts, type)) ?? false)
  }

  /** Whether one of the words stands anywhere in the body, or may be hidden in it: only then is it worth being read. */
  #mayHold(words: readonly string[]): boolean {
    return words.some((word) => this.#unread.mayHold(word))
  }
}

/** What a request does not say is absent, whatever its type says: conditions that read it do not hold. */
const unsaid = (value: number | undefined): number => value as number

const holds = (parts: readonly Part[], type: Part['type']): boolean =>
  parts.some((part) => part.type === type || (part.type === 'tool_result' && holds(part.parts, type)))

const namesOf = (tools: unknown): string[] =>
  Array.isArray(tools)
    ? (tools as unknown[]).flatMap((tool) => {
        const { name, function: of } = (tool ?? {}) as { name?: unknown; function?: { name?: unknown } | null }
        const said = name ?? of?.name
        return typeof said === 'string' ? [said] : []
      })
    : []

const readable = (asked: Asked): Dialogue | null => {
  const dialogue = dialogueOf(asked)
  return dialogue === null || 'class' in dialogue ? null : dialogue
}

const conversationOf = ({ turns }: Dialogue): Conversation => {
  const instructions = turns.filter(({ role }) => role === 'system' || role === 'developer')
  return {
    system: instructions.map(({ parts }) => textOf(parts)).join('\n'),
    turns: turns.flatMap(({ role, parts }) =>
      role === 'system' || role === 'developer' ? [] : [{ by: role, text: textOf(parts) }],
    ),
  }
}

const textOf = (parts: readonly Part[]): string =>
  parts
    .flatMap((part) => {
      if (part.type === 'text' || part.type === 'refusal') return [part.text]
      if (part.type === 'tool_result') return [textOf(part.parts)]
      return part.type === 'document' && part.source.from === 'text' ? [part.source.text] : []
    })
    .join('\n')

/** What is to be embedded, spoken or looked at, or how an image is to be drawn. */
const textsOf = ({ bytes, scanned }: Asked): Conversation['turns'] => {
  const input = valueAt(bytes, scanned, 'input') ?? valueAt(bytes, scanned, 'prompt')
  const texts = (Array.isArray(input) ? (input as unknown[]) : [input]).filter((one) => typeof one === 'string')
  return texts.map((text) => ({ by: 'user', text }))
}
