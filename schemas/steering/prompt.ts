import type { Conversation, Turn, Verdict } from './facts.ts'
import { guessLanguage } from './prompt-language.ts'

/** How much of what was said conditions may read, in characters: what comes last of it. */
export const mostText = 16_000

/** How much of a long text is looked at to guess what the whole of it is like. */
const sample = 4000

const code = /```|\b(?:function|class|import|return|const|def|public|SELECT)\b.*[{;(]|[{};]\s*\n|=>|<\/\w+>/

/** What can be told of a conversation; each is worked out when a condition first reads it. */
export class Prompt {
  readonly #said: Conversation
  #text: string | undefined
  #tokens: number | undefined
  #code: boolean | undefined
  #language: string | undefined
  readonly #judge: (said: () => string) => Verdict | null
  #verdict: Verdict | null | undefined

  constructor(said: Conversation, judge: (said: () => string) => Verdict | null = () => null) {
    this.#said = said
    this.#judge = judge
  }

  get turns(): number {
    return this.#said.turns.length
  }
  /** Of everything, the instructions to the model too. */
  get characters(): number {
    return this.#said.turns.reduce((sum, { text }) => sum + text.length, this.#said.system.length)
  }
  get systemCharacters(): number {
    return this.#said.system.length
  }
  get lastCharacters(): number {
    return this.#lastTurn?.text.length ?? 0
  }
  /** What the user said last, and no more of it than conditions may read. */
  get last(): string {
    return this.#lastTurn?.text.slice(-mostText) ?? ''
  }
  /** What was said, without the instructions to the model: the end of it. */
  get text(): string {
    this.#text ??= endOf(this.#said.turns)
    return this.#text
  }
  /** An estimate: what is counted by the provider is known when it has answered. */
  get tokens(): number {
    this.#tokens ??= this.#said.tokens ?? this.#estimate()
    return this.#tokens
  }
  #estimate(): number {
    const { system, turns } = this.#said
    return turns.reduce((sum, { text }) => sum + tokensIn(text) + 4, tokensIn(system))
  }
  get code(): boolean {
    this.#code ??= code.test(this.last.slice(-sample))
    return this.#code
  }
  /** The ISO 639-1 code of the language of what the user said last, or an empty text. */
  get language(): string {
    this.#language ??= guessLanguage(this.last.slice(0, sample))
    return this.#language
  }

  /** Absent where no classifier is in force, whatever its type says: conditions that read it do not hold. */
  get easy(): number {
    return this.#judged?.easy as number
  }
  get suffices(): boolean {
    return this.#judged?.suffices as boolean
  }
  get #judged(): Verdict | null {
    if (this.#verdict === undefined) this.#verdict = this.#judge(() => this.#lastTurn?.text ?? '')
    return this.#verdict
  }

  get #lastTurn(): Turn | undefined {
    return this.#said.turns.findLast(({ by }) => by === 'user')
  }
}

const endOf = (turns: readonly Turn[]): string => {
  const parts: string[] = []
  let left = mostText
  for (let at = turns.length - 1; at >= 0 && left > 0; at--) {
    const part = turns[at]?.text.slice(-left) ?? ''
    parts.unshift(part)
    left -= part.length + 1
  }
  return parts.join('\n')
}

/** Four letters of Latin scripts are about a token; signs of other scripts are about one each, or half of one. */
const tokensIn = (text: string): number => {
  const looked = Math.min(text.length, sample)
  let quarters = 0
  for (let at = 0; at < looked; at++) {
    const unit = text.charCodeAt(at)
    quarters += unit < 0x250 ? 1 : unit < 0x2e80 ? 2 : 3
  }
  return looked === 0 ? 0 : Math.ceil((quarters / 4) * (text.length / looked))
}
