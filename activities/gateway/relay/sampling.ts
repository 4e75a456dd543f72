import type { Log } from '#activities/log.ts'
import type { Operation } from '#schemas/gateway/kinds/kind.ts'
import type { Arm } from '#schemas/gateway/quality/index.ts'
import { evaluate } from '#schemas/steering/evaluate.ts'
import type { Origin } from '#schemas/steering/together.ts'
import type { Accounted } from './accounted.ts'
import { AskedFacts } from './facts.ts'
import type { Going } from './guard.ts'
import { HeldLog } from './held-log.ts'
import { pricePerMillion, type Priced } from './price.ts'
import { Recorder, type KeptBody } from './recorder.ts'
import { wantsRecorded } from './recording.ts'
import type { Room } from './room.ts'
import { usualOf } from './savings.ts'
import type { Settings } from './settings.ts'
import type { Sink } from './sink.ts'
import { rulesOf, wayBy, type BudgetOf } from './steer.ts'

/** What all samples that wait may take in memory, in bytes, where it is not said. */
const usually = 16 * 1024 * 1024
/** So many are written together. */
const together = 16
/** The longest request that is sampled, in bytes: a judge has to read it twice. */
const longest = 128 * 1024

/** How much of a tenant's requests the quality guard looks at. */
export type KnownQuality = { share: number }

/** Two models that are compared: the one that was asked for and the cheaper one; `other` is the name by which the one is asked that was not used. */
type Pair = { arm: Arm; by: Origin; strong: Priced; cheap: Priced; other: string; settings: Settings | null }

/** A request that is over and whole, as it is to be compared. */
export type Sampled = Pick<Pair, 'arm' | 'by' | 'other' | 'settings'> & {
  id: string
  tenant: string
  at: number
  asked: string
  strong: string
  cheap: string
  operation: Operation
  headers: Readonly<Record<string, string>>
  /** For so many days its bodies are recorded as well; null where they are not. */
  recordedDays: number | null
  body: Uint8Array
  answer: () => KeptBody
  held: number
}

const comparable: ReadonlySet<Operation> = new Set<Operation>(['chat', 'messages', 'responses', 'completions'])
const digits = '0123456789abcdefghjkmnpqrstvwxyz'
/** The last so many digits of an id are random. */
const drawn = 6

/** Whether a request is among a share of all: by the end of its id, which is drawn, so that everybody says the same of it. */
export function isSampled(id: string, share: number): boolean {
  let of = 0
  for (let at = id.length - drawn; at < id.length; at++) of = of * digits.length + digits.indexOf(id[at] as string)
  return of < share * digits.length ** drawn
}

/** Hands a share of requests to the quality guard: those that rules sent to a cheaper model, and those that they could have sent. */
export class Samples {
  readonly #held: HeldLog<Sampled>
  readonly #budgetOf: BudgetOf

  constructor(
    keep: (rows: readonly Sampled[]) => Promise<void>,
    { log, budgetOf, most = usually }: { log: Log; budgetOf: BudgetOf; most?: number | undefined },
  ) {
    const said = 'samples are not judged: too many wait to be written down'
    this.#held = new HeldLog<Sampled>(keep, log, { most, together, said })
    this.#budgetOf = budgetOf
  }

  /** So many were not kept, since too much waited. */
  get lost(): number {
    return this.#held.lost
  }

  /** Begins to hold a request that is sampled; null for one that is not. */
  begin({ share }: KnownQuality, id: string, going: Going): Sample | null {
    const { asked } = going
    if (!isSampled(id, share) || !comparable.has(asked.operation) || asked.bytes.length > longest) return null
    const arm = armOf(going)
    if (arm === null || !this.#held.room.take(asked.bytes.length)) return null
    return new Sample(going, arm, this.#held.room, this.#budgetOf, (one) => this.#held.push(one))
  }

  flush(): Promise<void> {
    return this.#held.flush()
  }
}

/** Holds a request and its answer until it is over. */
export class Sample {
  readonly #going: Going
  readonly #arm: Arm
  readonly #recorder: Recorder
  readonly #room: Room
  readonly #budgetOf: BudgetOf
  readonly #keep: (one: Sampled) => void
  #row: Accounted | undefined

  /** The request has its room taken already. */
  constructor(going: Going, arm: Arm, room: Room, budgetOf: BudgetOf, keep: (one: Sampled) => void) {
    const { bytes } = going.asked
    const about = { type: 'application/json', bytes: bytes.length, gathered: false }
    const asked = { ...about, whole: true, withheld: null, kept: bytes }
    this.#recorder = new Recorder(going.sink, { asked, days: 0, watch: going.watch, room })
    this.#going = going
    this.#arm = arm
    this.#room = room
    this.#budgetOf = budgetOf
    this.#keep = keep
  }

  get sink(): Sink {
    return this.#recorder
  }

  /** How it went, with its price. */
  wrote(row: Accounted): void {
    this.#recorder.wrote(row)
    this.#row = row
  }

  /** Nothing more comes. */
  over(): void {
    const recorded = this.#recorder.over()
    if (recorded === null || this.#row === undefined) return
    const { asked, models } = this.#going
    const pair = pairOf(this.#going, this.#arm, this.#row, this.#budgetOf)
    if (pair === null) return this.#room.leave(recorded.held)
    const { id, tenant, at, operation, held, answer } = recorded
    const { arm, by, other, settings, strong, cheap } = pair
    this.#keep({
      id,
      tenant,
      at,
      operation,
      held,
      answer,
      arm,
      by,
      other,
      settings,
      asked: asked.model,
      strong: `${strong.provider}/${strong.model}`,
      cheap: `${cheap.provider}/${cheap.model}`,
      headers: asked.headers,
      recordedDays:
        models.recording !== null && wantsRecorded(models.recording, this.#going) ? models.recording.days : null,
      body: asked.bytes,
    })
  }
}

/**
 * In which arm a request is; null where it may not be asked of another model: only `downgrade` says that it could be, any other rule that
 * decides may mean that it goes nowhere else, as one does that requires something. Guardrails that a rule calls for do not look at what
 * is asked beside.
 */
function armOf({ way: { steered, guardrails }, models, caller }: Going): Arm | null {
  const rules = rulesOf(models, caller)
  if (rules === null || guardrails !== null) return null
  const held = steered === null ? [] : rules.plan.rules.filter(({ id }) => steered.held.includes(id))
  if (held.some(({ also }) => also?.require !== undefined)) return null
  if (steered === null || steered.by === null) return rules.plan.reads.prompt ? 'kept' : null
  const { label } = steered.by
  return held.find(({ id }) => id === label)?.outcome?.do === 'downgrade' ? 'routed' : null
}

/** What a request is compared with; null where that is nothing. */
function pairOf(going: Going, arm: Arm, row: Accounted, budgetOf: BudgetOf): Pair | null {
  const { outcome, status, cache, provider, kind, model, usual } = row
  if (outcome !== 'ok' || status !== 200 || provider === null || kind === null || model === null) return null
  // an answer that is given again is not of this request
  if (cache !== null && cache.how !== 'miss') return null
  const answered: Priced = { provider, kind, model }
  const pair = arm === 'routed' ? routed(going, answered, usual) : kept(going, answered, budgetOf)
  return pair !== null && !isSame(pair.strong, pair.cheap) && isCheaper(pair, row.at, going) ? pair : null
}

const routed = ({ way, asked }: Going, cheap: Priced, strong: Priced | null): Pair | null => {
  const by = way.steered?.by ?? null
  return by === null || strong === null
    ? null
    : { arm: 'routed', by, strong, cheap, other: asked.model, settings: way.settings }
}

/** What rules would have chosen had they not looked at the prompt; null where that is what answered. */
const kept = ({ models, caller, asked }: Going, strong: Priced, budgetOf: BudgetOf): Pair | null => {
  const rules = rulesOf(models, caller)
  const plan = rules?.blind() ?? null
  if (rules === null || plan === null || models.steering === null) return null
  const known = { budget: () => budgetOf(models, caller, asked), judge: models.judge }
  const facts = new AskedFacts(models.steering.tenant, caller, asked, plan.reads, known)
  const way = wayBy(models, { model: asked.model, tags: caller.tags }, evaluate(plan, facts), rules.origins)
  const by = way.steered?.by ?? null
  const target = way.route?.targets[0]
  if (by === null || way.refusal !== null || target === undefined) return null
  const other = way.alias ?? `${target.provider}/${target.model}`
  const cheap = usualOf(models, other)
  if (cheap === null) return null
  return { arm: 'kept', by, strong, cheap, other, settings: way.settings }
}

const isSame = (one: Priced, other: Priced): boolean => one.provider === other.provider && one.model === other.model

/** Where both prices are known; where one is not, the rule is believed. */
const isCheaper = ({ strong, cheap }: Pair, at: number, { models }: Going): boolean => {
  const [of, than] = [pricePerMillion(cheap, at, models.rates), pricePerMillion(strong, at, models.rates)]
  return of === null || than === null || of.input + of.output < than.input + than.output
}
