import { calibrate, thresholdOf } from '#schemas/gateway/classifier/calibrate.ts'
import type { Model } from '#schemas/gateway/classifier/model.ts'
import { hashOf, type Outcome } from '#schemas/gateway/classifier/outcome.ts'
import { score } from '#schemas/gateway/classifier/score.ts'
import { train, type Options } from '#schemas/gateway/classifier/train.ts'
import type { Approach } from './savings-approaches.ts'
import type { Sent } from './savings-measure.ts'

/** The shares of the strong model's quality that are asked for. */
export const asked = [0.95, 0.98, 0.99] as const

/**
 * By how many standard errors of the rows that the threshold is taken from. Chosen on rows that are not tested on, parted anew
 * eight times: where 98 % was asked for, 98.1 was kept in the mean without it, and 98.4 with it, never less than 98.
 */
export const margin = 0.5

export type Scored<Row extends Outcome = Outcome> = Row & { score: number }
/** For each quality that is asked for: the tested rows, and which of them went to the cheap model. */
export type Routed<Row extends Outcome = Outcome> = Map<number, (Row & Sent)[]>

/** Scored, the easiest first. */
export const scoredBy = <Row extends Outcome>(rows: readonly Row[], of: (row: Row) => number): Scored<Row>[] =>
  rows.map((row) => ({ ...row, score: of(row) })).toSorted((a, b) => b.score - a.score)

/** Routes rows by thresholds that others gave. */
export function routed<Row extends Outcome>(
  thresholdFor: (retained: number) => number,
  tested: readonly Scored<Row>[],
): Routed<Row> {
  return new Map(
    asked.map((retained) => {
      const from = thresholdFor(retained)
      return [retained, tested.map((row) => ({ ...row, cheap: row.score >= from }))]
    }),
  )
}

export type Trial<Row extends Outcome> = { model: Model; tested: Scored<Row>[]; routed: Routed<Row> }

/** The classifier of the product: learnt from the first part, its thresholds from the second, tried on the third. */
export function tried<Row extends Outcome>(
  { train: learnt, calibrate: held, test }: { train: readonly Row[]; calibrate: readonly Row[]; test: readonly Row[] },
  options: Options = {},
): Trial<Row> {
  const model = train(learnt, options)
  const of = ({ prompt, task }: Outcome) => score(model, prompt, task)
  const tested = scoredBy(test, of)
  return { model, tested, routed: routed((retained) => calibrate(model, held, { retained, margin }), tested) }
}

/** Another approach: it learns from the same rows, and its threshold comes from the second part alone. */
export function triedBy<Row extends Outcome>(
  approach: Approach,
  { train: learnt, calibrate: held, test }: { train: readonly Row[]; calibrate: readonly Row[]; test: readonly Row[] },
): Pick<Trial<Row>, 'tested' | 'routed'> {
  const of = approach(learnt)
  const known = scoredBy(held, of)
  const tested = scoredBy(test, of)
  return { tested, routed: routed((retained) => thresholdOf(known, { retained, margin }), tested) }
}

const parts = 5

/** The kinds of task in parts of about as many rows: the greatest first, each to the part that has the fewest. */
export function partsOfTasks(rows: readonly Outcome[]): Map<string, number> {
  const sizes = Map.groupBy(rows, ({ task }) => task)
  const order = [...sizes].toSorted(([a, x], [b, y]) => y.length - x.length || hashOf(a) - hashOf(b))
  const full = Array<number>(Math.min(parts, sizes.size)).fill(0)
  return new Map(
    order.map(([task, { length }]) => {
      const at = full.indexOf(Math.min(...full))
      full[at] = (full[at] ?? 0) + length
      return [task, at]
    }),
  )
}

/**
 * Kinds of task that were never seen: each part of them is tested with a model that learnt from the others. Its threshold
 * comes from the others too, each scored by a model that had not seen its part either, so that it is meant for what is strange.
 * Null where there are fewer than three kinds of task.
 */
export function triedOnUnseen<Row extends Outcome>(known: readonly Row[], test: readonly Row[]): Routed<Row> | null {
  const partOf = partsOfTasks([...known, ...test])
  const count = Math.max(-1, ...partOf.values()) + 1
  if (count < 3) return null
  const all: Routed<Row> = new Map(asked.map((retained) => [retained, []]))
  for (let out = 0; out < count; out++) {
    const rest = known.filter(({ task }) => partOf.get(task) !== out)
    const scored: Scored[] = []
    for (let held = 0; held < count; held++) {
      if (held === out) continue
      const model = train(rest.filter(({ task }) => partOf.get(task) !== held))
      const of = ({ prompt, task }: Outcome) => score(model, prompt, task)
      scored.push(
        ...scoredBy(
          rest.filter(({ task }) => partOf.get(task) === held),
          of,
        ),
      )
    }
    const model = train(rest)
    const tested = scoredBy(
      test.filter(({ task }) => partOf.get(task) === out),
      ({ prompt, task }) => score(model, prompt, task),
    )
    const easiestFirst = scored.toSorted((a, b) => b.score - a.score)
    const thresholdFor = (retained: number) => thresholdOf(easiestFirst, { retained, margin })
    for (const [retained, rows] of routed(thresholdFor, tested)) all.get(retained)?.push(...rows)
  }
  return all
}

/** The same rows with the outcomes of others: nothing is left to be learnt. */
export function shuffled<Row extends Outcome>(rows: readonly Row[], random: () => number): Row[] {
  const marks = rows.map(({ strong, weak }) => ({ strong, weak }))
  for (let at = marks.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1))
    ;[marks[at], marks[other]] = [marks[other], marks[at]] as [(typeof marks)[number], (typeof marks)[number]]
  }
  return rows.map((row, at) => ({ ...row, ...marks[at] }))
}

/** Kinds of task in which the weak one does better than the strong one beyond chance: mostly a sign of how answers were marked. */
export function invertedTasks(rows: readonly Outcome[]): Set<string> {
  const found = new Set<string>()
  for (const [task, part] of Map.groupBy(rows, (row) => row.task)) {
    const gains = part.map(({ strong, weak }) => weak - strong)
    const sum = gains.reduce((a, b) => a + b, 0)
    if (sum > 3 * Math.sqrt(gains.reduce((a, b) => a + b * b, 0))) found.add(task)
  }
  return found
}
