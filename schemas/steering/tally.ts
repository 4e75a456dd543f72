/** Something that would be different: what served it, and what would. */
export type Sample = {
  request: string
  at: string
  asked: string
  from: { model: string | null; cost: number | null }
  to: { model: string | null; cost: number | null }
  /** The rule that would decide, as `policy@version/rule`; null where none would. */
  rule: string | null
}

/** One side of a comparison. Costs in billionths of a US dollar. */
export type Side = {
  nano: number
  /** Requests without a price: they cost nothing in the sum. */
  unpriced: number
  refused: number
  /** Requests by the model that serves them, as `provider/model`; parts of one where several may. */
  models: Record<string, number>
  /** How many requests took how long, by steps of a twentieth (see `msOf`). */
  times: Record<string, number>
  /** Requests of which it is not known how long they take. */
  untimed: number
  /** Requests by the rule that decided. */
  rules: Record<string, number>
}

/** What recorded requests came to, and what they would have come to. */
export type Tally = {
  requests: number
  changed: number
  /** Requests that cannot be told, because a rule reads what was not kept; on both sides they count as they were. */
  unknown: number
  /** The rules that could not be told, and of how many requests. */
  unknownRules: Record<string, number>
  before: Side
  after: Side
  sample: Sample[]
}

const side = (): Side => ({ nano: 0, unpriced: 0, refused: 0, models: {}, times: {}, untimed: 0, rules: {} })
export const newTally = (): Tally => ({
  requests: 0,
  changed: 0,
  unknown: 0,
  unknownRules: {},
  before: side(),
  after: side(),
  sample: [],
})

/** What becomes of a request on one side; `share` where several models may serve it. */
export type Came = {
  refused: boolean
  rule: string | null
  served: readonly { model: string; share: number; nano: number | null; ms: number | null }[]
}

export const mostSamples = 50

/** Adds a request; `after` is null where it comes to the same, or where that cannot be told. */
export function addTo(
  tally: Tally,
  request: { id: string; at: string; asked: string },
  before: Came,
  after: Came | null,
  unknown: readonly string[],
): void {
  tally.requests++
  addSide(tally.before, before)
  addSide(tally.after, after ?? before)
  if (unknown.length > 0) {
    tally.unknown++
    for (const rule of unknown) add(tally.unknownRules, rule, 1)
  }
  if (after === null) return
  tally.changed++
  if (tally.sample.length < mostSamples)
    tally.sample.push({
      request: request.id,
      at: request.at,
      asked: request.asked,
      from: shown(before),
      to: shown(after),
      rule: after.rule,
    })
}

const add = (counts: Record<string, number>, name: string, share: number): void => {
  counts[name] = (counts[name] ?? 0) + share
}

const addSide = (to: Side, { refused, rule, served }: Came): void => {
  if (rule !== null) add(to.rules, rule, 1)
  if (refused) to.refused++
  for (const { model, share, nano, ms } of served) {
    add(to.models, model, share)
    if (nano === null) to.unpriced += share
    else to.nano += nano * share
    if (ms === null) to.untimed += share
    else add(to.times, String(stepOf(ms)), share)
  }
}

const shown = ({ served }: Came): Sample['from'] => {
  const [first] = served
  const costs = served.map(({ nano, share }) => (nano === null ? null : nano * share))
  return {
    model:
      first === undefined ? null : served.length === 1 ? first.model : `${first.model} or ${served.length - 1} more`,
    cost:
      first === undefined || costs.includes(null)
        ? null
        : costs.reduce<number>((sum, one) => sum + (one ?? 0), 0) / 1e9,
  }
}

const stepOf = (ms: number): number => Math.round(Math.log(Math.max(1, ms)) / Math.log(1.05))
export const msOf = (step: number): number => 1.05 ** step

/** The time that a share of requests stays within, to a twentieth; null where none is known. */
export function quantileOf(times: Readonly<Record<string, number>>, share: number): number | null {
  const steps = Object.entries(times)
    .map(([step, count]): [number, number] => [Number(step), count])
    .toSorted(([a], [b]) => a - b)
  let left = steps.reduce((sum, [, count]) => sum + count, 0) * share
  for (const [step, count] of steps) {
    left -= count
    if (left <= 0) return msOf(step)
  }
  return null
}
