import { eachText } from '#schemas/gateway/guardrails/body.ts'
import type { Guarded } from '#schemas/gateway/guardrails/index.ts'
import type { Failure } from '#schemas/gateway/wires/failure.ts'
import type { Caller, Models } from '../store-known.ts'
import type { Accounted } from './accounted.ts'
import type { Asked } from './asked.ts'
import { askedAgain, readReply, rewriteReply } from './guard-answer.ts'
import { lookAtInput } from './guard-input.ts'
import { Seen } from './guard-seen.ts'
import { Guarding } from './guard-sink.ts'
import { Texts } from './guard-texts.ts'
import type { Looking } from './guards.ts'
import type { UnderWay } from './index.ts'
import type { Recorder } from './recorder.ts'
import type { Sink } from './sink.ts'
import { stepSince, type Step } from './steps.ts'
import type { Way } from './steer.ts'

/** Hears of a request on its way, where guardrails look at it. */
export type Watch = {
  /** What they have seen so far. */
  readonly guarded: readonly Guarded[]
  /** Is given the row of the request, which is written down once the answer was looked at. */
  keep(row: Accounted, write: (row: Accounted) => void): void
  /** A whole answer as it may be kept: masked, and nothing put back. Null where that cannot be made of it. */
  asKept(answer: string): string | null
}

/** A request as it goes on its way. */
export type Going = {
  caller: Caller
  models: Models
  asked: Asked
  way: Way
  sink: Sink
  over: () => void
  watch: Watch | null
  /** What took time on its way so far. */
  steps: Step[]
  /** Holds its bodies; null where they are not kept. */
  recorder: Recorder | null
}

/** The way of a request, from where it goes on after the guardrails. */
type Pass = (going: Going) => UnderWay

/**
 * Lets guardrails look at a request before it goes on its way, and at its answer. One that is wrong may be asked for once more:
 * that is a request of its own, which is charged and written down like the first.
 */
export function guarded(looking: Looking | Failure, going: Going, pass: Pass): UnderWay {
  if ('class' in looking) return pass({ ...going, way: { ...going.way, refusal: looking } })
  const from = performance.now()
  const seen = looking.applied.map((one) => new Seen(one))
  const texts = new Texts(seen, looking.pseudonyms)
  const { way } = going
  const set = way.settings?.maxTokens
  const looked = lookAtInput(going.asked, seen, texts, typeof set === 'number' ? set : null)
  going.steps.push(stepSince('guardrails', from))
  const settings = looked.maxTokens === null ? way.settings : { ...way.settings, maxTokens: looked.maxTokens }
  const wayOn = { ...way, settings, refusal: looked.refusal }
  return new Round({ ...going, way: wayOn, asked: looked.asked }, seen, texts, pass, null).begin()
}

/** One asking that guardrails look at. */
class Round implements Watch {
  readonly #going: Going
  readonly #seen: readonly Seen[]
  readonly #texts: Texts
  readonly #pass: Pass
  /** The request whose answer this one is to mend. */
  readonly #mends: string | null
  #sink: Guarding | null = null
  #underWay: UnderWay | null = null
  #kept: { row: Accounted; write: (row: Accounted) => void } | null = null
  #again: Asked | null = null
  #isLeft = false

  constructor(going: Going, seen: readonly Seen[], texts: Texts, pass: Pass, mends: string | null) {
    this.#going = going
    this.#seen = seen
    this.#texts = texts
    this.#pass = pass
    this.#mends = mends
  }

  get guarded(): readonly Guarded[] {
    return this.#seen.map(({ told }) => told)
  }

  begin(): UnderWay {
    const { sink, asked, way } = this.#going
    if (way.refusal === null && Guarding.isNeeded(asked, this.#seen, this.#texts))
      this.#sink = new Guarding(sink, asked, this.#seen, this.#texts, {
        leave: () => this.#underWay?.abandon(),
        again: (answer, why) => this.#askAgain(answer, why),
      })
    const underWay = this.#pass({ ...this.#going, sink: this.#sink ?? sink, over: () => this.#over(), watch: this })
    this.#underWay ??= underWay
    return { abandon: () => this.#abandon() }
  }

  keep(row: Accounted, write: (row: Accounted) => void): void {
    this.#kept = { row, write }
  }

  asKept(answer: string): string | null {
    if (!this.#texts.changes('output')) return answer
    const { operation } = this.#going.asked
    if (!Guarding.looksAt(operation)) return answer
    const reply = readReply(answer)
    if (reply === null) return null
    const texts = this.#texts.forKeeping(this.#seen.map(({ applied }) => new Seen(applied)))
    rewriteReply(reply, (value, by) => eachText(value, by, (text, place) => texts.whole('output', text, place)), true)
    return JSON.stringify(reply)
  }

  #abandon(): void {
    this.#isLeft = true
    this.#underWay?.abandon()
  }

  #askAgain(answer: string, why: readonly string[]): boolean {
    if (this.#mends !== null || this.#isLeft) return false
    this.#again = askedAgain(this.#going.asked, answer, why)
    return this.#again !== null
  }

  #over(): void {
    const kept = this.#kept
    this.#kept = null
    const refusal = this.#going.way.refusal ?? this.#sink?.refusal ?? null
    if (kept !== null) {
      const held = this.#seen.some(({ isBlocked }) => isBlocked)
      const outcome = held && refusal !== null ? blockedBy(refusal) : {}
      kept.write({ ...kept.row, ...outcome, guarded: this.guarded, mends: this.#mends })
    }
    if (this.#again === null || kept === null) return this.#going.over()
    const asked = this.#again
    const seen = this.#seen.map(({ applied }) => new Seen(applied))
    const texts = this.#texts.forAnswer(seen)
    const next = new Round({ ...this.#going, asked, steps: [] }, seen, texts, this.#pass, kept.row.id)
    this.#underWay = next.begin()
  }
}

const blockedBy = ({ status, class: failure, message: error }: Failure) => ({
  outcome: 'blocked' as const,
  status,
  failure,
  error,
})
