import type { Guarded } from '#schemas/gateway/guardrails/index.ts'
import type { Side } from '#schemas/gateway/guardrails/kind.ts'
import { failure, type Failure } from '#schemas/gateway/wires/failure.ts'
import type { Applied } from './guards.ts'

const worse: readonly Guarded['did'][] = ['passed', 'flagged', 'masked', 'blocked']

/** What one guardrail has seen of a request: kinds and counts, never the values. */
export class Seen {
  readonly applied: Applied
  readonly #counts: Record<Side, Record<string, number>> = { input: {}, output: {} }
  readonly #why: string[] = []
  #did: Guarded['did'] = 'passed'

  constructor(applied: Applied) {
    this.applied = applied
  }

  get isBlocked(): boolean {
    return this.#did === 'blocked'
  }

  count(side: Side, what: string): void {
    const counts = this.#counts[side]
    counts[what] = (counts[what] ?? 0) + 1
  }

  /** It has done so at least. */
  do(did: Guarded['did'], why: readonly string[] = []): void {
    if (worse.indexOf(did) > worse.indexOf(this.#did)) this.#did = did
    for (const one of why) if (!this.#why.includes(one)) this.#why.push(one)
  }

  /** Something that cannot be mended: it is let through or it is not. */
  object(side: Side, what: string, why: readonly string[] = []): void {
    this.count(side, what)
    this.do(this.applied.act === 'flag' ? 'flagged' : 'blocked', why)
  }

  get told(): Guarded {
    const { guard, act } = this.applied
    const { id: guardrail, name, kind } = guard
    return { guardrail, name, kind, act, did: this.#did, ...this.#counts, why: [...this.#why] }
  }

  /** How it is told to who asked, without what was found. */
  get refusal(): Failure {
    const { name, kind } = this.applied.guard
    const found = [...new Set([...Object.keys(this.#counts.input), ...Object.keys(this.#counts.output)])].map(inWords)
    const said = this.#why.length > 0 ? this.#why.map(asSentence).join(' ') : `Found: ${found.join(', ')}.`
    return failure('content_policy', `The guardrail “${name}” refuses this. ${said}`, {
      code: kind === 'schema' ? 'schema_unmet' : 'guardrail_blocked',
    })
  }
}

const inWords = (what: string): string => what.replaceAll('_', ' ')

const asSentence = (why: string): string => (/[.]$/.test(why) ? why : `It ${why}.`)
