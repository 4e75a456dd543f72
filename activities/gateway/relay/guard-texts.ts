import { anyOf } from '#schemas/gateway/guardrails/any-of.ts'
import type { Place, Speaker } from '#schemas/gateway/guardrails/body.ts'
import type { Finder } from '#schemas/gateway/guardrails/finder.ts'
import type { Side } from '#schemas/gateway/guardrails/kind.ts'
import { Passage, type Act } from '#schemas/gateway/guardrails/passage.ts'
import type { Seen } from './guard-seen.ts'
import type { Pseudonyms } from './pseudonyms.ts'

/** A text on its way through all that looks at it. */
export type Chain = { push(piece: string): string; end(): string }
type Stage = { finder: Finder; act: Act }

/** Those that refuse look first, at what was really said; those that change it come last. */
const order = { block: 0, flag: 1, mask: 2 } as const

/** What looks at the texts of one request, and by which names values go within it. */
export class Texts {
  readonly #seen: readonly Seen[]
  readonly #pseudonyms: Pseudonyms
  /** By what is said in its place. */
  readonly #values = new Map<string, string>()
  readonly #names = new Map<string, string>()
  #back: Finder | null = null

  constructor(seen: readonly Seen[], pseudonyms: Pseudonyms) {
    this.#seen = seen
      .filter(({ applied }) => applied.guard.check.does === 'finds')
      .toSorted((a, b) => order[a.applied.act] - order[b.applied.act])
    this.#pseudonyms = pseudonyms
  }

  /** For another answer to the same request. */
  forAnswer(seen: readonly Seen[]): Texts {
    const texts = new Texts(seen, this.#pseudonyms)
    for (const [name, value] of this.#values) texts.#remember(name, value)
    return texts
  }

  /** For what is kept: nothing is put back in it. */
  forKeeping(seen: readonly Seen[]): Texts {
    return new Texts(seen, this.#pseudonyms)
  }

  /** Whether anybody looks at texts on this side. */
  look(side: Side): boolean {
    return this.#seen.some(({ applied }) => applied.guard[side])
  }

  /** Whether texts of this side may be changed or refused. */
  changes(side: Side): boolean {
    return this.#seen.some(({ applied }) => applied.guard[side] && applied.act !== 'flag')
  }

  /** Whether an answer has something to be put back. */
  get hasValues(): boolean {
    return this.#values.size > 0
  }

  /** The chain for a text; `again` where it repeats what was counted before. */
  chain(side: Side, { by, isJson }: Place, again = false): Chain {
    const stages = by === 'echo' ? [] : this.#seen.flatMap((seen) => this.#stage(seen, side, by, again))
    if (side === 'output' && by !== 'thought' && this.hasValues) stages.push(this.#unmasking())
    return chained(stages.map(({ finder, act }) => new Passage(finder, act, isJson)))
  }

  whole(side: Side, text: string, place: Place, again = false): string {
    const chain = this.chain(side, place, again)
    return chain.push(text) + chain.end()
  }

  #stage(seen: Seen, side: Side, by: Speaker, again: boolean): Stage[] {
    const { guard, act } = seen.applied
    const { check } = guard
    if (check.does !== 'finds' || !guard[side]) return []
    const found: Act = (value, what) => {
      if (!again) seen.count(side, what)
      // what a model thinks is signed by its provider: changed, it could not be sent back
      if (act !== 'mask' || by === 'thought') seen.do(act === 'block' ? 'blocked' : 'flagged')
      if (act !== 'mask' || by === 'thought') return null
      seen.do('masked')
      if (check.instead !== null) return check.instead
      const name = this.#nameOf(what, value)
      if (side === 'input') this.#remember(name, value)
      return name
    }
    return [{ finder: check.finder, act: found }]
  }

  #nameOf(what: string, value: string): string {
    const known = this.#names.get(value)
    if (known !== undefined) return known
    const name = this.#pseudonyms.of(what, value, (one) => this.#values.has(one))
    this.#names.set(value, name)
    return name
  }

  #remember(name: string, value: string): void {
    if (this.#values.has(name)) return
    // of what stands for something already, what it stands for
    this.#values.set(name, this.#values.get(value) ?? value)
    this.#back = null
  }

  #unmasking(): Stage {
    this.#back ??= anyOf(this.#values.keys())
    return { finder: this.#back, act: (name) => this.#values.get(name) ?? null }
  }
}

const unchanged: Chain = { push: (piece) => piece, end: () => '' }

const chained = (passages: readonly Passage[]): Chain => {
  if (passages.length === 0) return unchanged
  return {
    push: (piece) => passages.reduce((text, passage) => passage.push(text), piece),
    end: () => passages.reduce((text, passage) => passage.push(text) + passage.end(), ''),
  }
}
