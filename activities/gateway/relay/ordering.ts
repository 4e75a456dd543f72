import type { Routing } from '#schemas/gateway/routing.ts'
import { valueAt } from '#schemas/gateway/wires/splice.ts'
import type { Asked } from './asked.ts'
import { byWeight, inOrder, type Rank } from './choose.ts'
import type { Needs } from './needs.ts'
import type { Pace } from './pace.ts'
import { priceOf } from './price.ts'
import type { Candidate } from './saying.ts'

/** How often somebody who is not the fastest is asked first all the same: who is never asked could not become faster. */
const curious = 0.05
/** How long a conversation is remembered after its last turn, in ms: providers keep prompts for some minutes. */
const rememberedFor = 600_000
const mostRemembered = 10_000
/** How many tokens an answer is taken to have where nobody says how many it may have. */
const usualOutput = 500

/** What is asked: in which conversation, told by a number, and at which tenant. */
export type Question = { tenant: string; asked: Asked; needs: Needs; seed: number }

/** Puts those that may answer in the order in which one request asks them. */
export class Ordering {
  readonly #pace: Pace
  readonly #random: () => number
  readonly #now: () => number
  /** Who answered a conversation last, where that is not told by its number alone. */
  readonly #remembered = new Map<number, { name: string; at: number }>()

  constructor(
    pace: Pace,
    { random, now }: { random: () => number; now: () => number } = { random: Math.random, now: Date.now },
  ) {
    this.#pace = pace
    this.#random = random
    this.#now = now
  }

  order(able: readonly Candidate[], { choice, sticky }: Routing, asking: Question): readonly Candidate[] {
    if (choice === 'weights' || able.length < 2)
      return inOrder(able, byWeight(sticky ? asking.seed : Math.floor(this.#random() * 2 ** 32)))
    const ranked = choice === 'fastest' ? this.#byPace(asking) : this.#byPrice(asking)
    const last = sticky ? this.#last(asking.seed) : undefined
    const order = inOrder(able, (one) => (nameOf(one) === last ? Infinity : ranked(one)))
    if (sticky && order[0] !== undefined) this.#remember(asking.seed, nameOf(order[0]))
    return order
  }

  #byPace({ tenant, asked: { stream } }: Question): Rank {
    const curiosity = this.#random() < curious
    return ({ target }) => {
      const pace = this.#pace.of(tenant, target, stream)
      return pace === undefined || curiosity ? 1 + this.#random() : -pace
    }
  }

  #byPrice({ asked, needs }: Question): Rank {
    const tokens = { input: needs.tokens, cached: 0, cacheWrite: 0, output: mostOutput(asked), reasoning: 0 }
    return ({ target, provider }) => {
      const price = priceOf(provider.kind, target.model, tokens, this.#now())
      return price === null ? -Infinity : -price.nano
    }
  }

  #last(seed: number): string | undefined {
    const one = this.#remembered.get(seed)
    return one !== undefined && this.#now() - one.at < rememberedFor ? one.name : undefined
  }

  #remember(seed: number, name: string): void {
    this.#remembered.delete(seed)
    if (this.#remembered.size >= mostRemembered) this.#remembered.delete(this.#remembered.keys().next().value as number)
    this.#remembered.set(seed, { name, at: this.#now() })
  }
}

const nameOf = ({ target }: Candidate): string => `${target.provider}/${target.model}`

const mostOutput = ({ bytes, scanned }: Asked): number => {
  for (const key of ['max_completion_tokens', 'max_tokens', 'max_output_tokens']) {
    const most = valueAt(bytes, scanned, key)
    if (typeof most === 'number' && most > 0) return most
  }
  return usualOutput
}
