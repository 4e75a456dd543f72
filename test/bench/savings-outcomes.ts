import { score } from '#schemas/gateway/classifier/score.ts'
import { approaches } from './savings-approaches.ts'
import { report } from './figure.ts'
import * as measure from './savings-measure.ts'
import type { Parts, Recorded } from './savings-read.ts'
import {
  asked,
  invertedTasks,
  shuffled,
  tried,
  triedBy,
  triedOnUnseen,
  type Routed,
  type Trial,
} from './savings-recorded.ts'

/**
 * How many times as much the strong model costs. 20 is the headline: the two models of the recorded outcomes that come with the
 * project cost 21 times as much one as the other for 1000 tokens in and 300 out (gpt-4-1106-preview at 10 and 30 US dollars a
 * million, open-mixtral-8x7b at 0.7), and today's pairs of one vendor lie between 3 and 25.
 */
const gaps = [5, 20, 100] as const
const headline = 20

/** What a processor costs, in US dollars a second: 0.05 an hour. */
const processor = 0.05 / 3600
/** What the strong model takes for a request of 1000 tokens and an answer of 300, in US dollars, at 10 and 30 a million. */
const strongRequest = 0.019
/** Of the cheap answers one in 67 is checked: the strong model answers too, and judges both, which costs about as much again. */
const guard = { share: 0.015, cost: 2 }
const uncharged = { looking: 0, guard: { share: 0, cost: 0 } }

type Row = Recorded & measure.Sent

const bench = 'savings'
const tell = (name: string, value: number, more: { baseline?: number; low?: number; high?: number; n: number }) =>
  report({ bench, metric: name, value, unit: 'percent', ...more })

/** What chance and an oracle save costs nothing beside: a share without any charge. */
const free = (share: number, gap: number = headline) => measure.savedPercent(share, { gap, ...uncharged })
const at = (retained: number): string => `at_${Math.round(100 * retained)}`

/** Tells what routings save, charged for looking at each request. */
class Teller {
  readonly #looking: number

  constructor(microseconds: number) {
    this.#looking = (microseconds / 1e6) * (processor / strongRequest)
  }

  saved(share: number, gap: number = headline): number {
    return measure.savedPercent(share, { gap, looking: this.#looking, guard })
  }

  /** Saved and really kept, each with its interval; beside it what chance would save where it keeps what was asked for. */
  both(rows: readonly Row[], retained: number, suffix = ''): void {
    const { length: n } = rows
    const came = measure.cameTo(rows)
    tell(`saved_percent_${at(retained)}${suffix}`, this.saved(came.share), {
      baseline: free(measure.randomShare(rows, retained)),
      ...measure.interval(rows, ({ share }) => this.saved(share)),
      n,
    })
    tell(`retained_percent_${at(retained)}${suffix}`, 100 * came.retained, {
      baseline: 100 * retained,
      ...measure.interval(rows, (drawn) => 100 * drawn.retained),
      n,
    })
  }

  /** At each gap between the prices, with chance beside it. */
  byGap(rows: readonly Row[], retained: number, suffix = ''): void {
    const { share } = measure.cameTo(rows)
    for (const gap of gaps)
      tell(`saved_percent_${at(retained)}_gap${gap}${suffix}`, this.saved(share, gap), {
        baseline: free(measure.randomShare(rows, retained), gap),
        n: rows.length,
      })
  }
}

const rowsAt = (routed: Routed<Recorded>, retained: number): Row[] => routed.get(retained) ?? []

/** What routing by the classifier saves on recorded outcomes: on rows, kinds of task and answers that nothing was chosen with. */
export function reportOutcomes(parts: Parts): void {
  const trial = tried(parts)
  const time = timeOf(trial, [...parts.train, ...parts.calibrate])
  const teller = new Teller(time.each)
  for (const retained of asked) reportHeadline(teller, rowsAt(trial.routed, retained), retained)
  reportBounds(parts.test)
  for (const [name, approach] of Object.entries(approaches)) {
    const { routed, tested } = triedBy(approach, parts)
    tell(`recovered_percent_by_${name}`, 100 * measure.recovered(tested), { baseline: 50, n: tested.length })
    for (const retained of asked) teller.both(rowsAt(routed, retained), retained, `_by_${name}`)
  }
  teller.both(rowsAt(tried(parts, { tasks: false }).routed, 0.98), 0.98, '_without_task')
  reportSlices(teller, parts, rowsAt(trial.routed, 0.98))
  reportUnseen(teller, parts)
  reportNoise(trial, parts)
  const { rows, error } = trial.model.trained
  report({ bench, metric: 'classifier_us_per_kb', value: time.perKb, unit: 'us', n: parts.test.length })
  report({ bench, metric: 'classifier_kb', value: JSON.stringify(trial.model).length / 1000, unit: 'kB', n: 1 })
  tell('classifier_error_percent', 100 * error, { n: rows })
}

const reportHeadline = (teller: Teller, rows: readonly Row[], retained: number): void => {
  const { length: n } = rows
  const came = measure.cameTo(rows)
  teller.both(rows, retained)
  tell(`random_percent_${at(retained)}`, free(measure.randomShare(rows, retained)), { n })
  teller.byGap(rows, retained)
  for (const gap of gaps)
    tell(`oracle_percent_${at(retained)}_gap${gap}`, free(measure.oracleShare(rows, retained), gap), { n })
  tell(`random_retained_percent_for_share_${at(retained)}`, 100 * measure.randomKeeps(rows, came.share), {
    baseline: 100 * came.retained,
    n,
  })
  const lost = rows.filter(({ cheap, strong, weak }) => cheap && strong > weak)
  tell(`lost_percent_${at(retained)}`, (100 * lost.length) / n, { n })
  tell(`charged_percent_${at(retained)}`, free(came.share) - teller.saved(came.share), { n })
}

const reportBounds = (test: readonly Recorded[]): void => {
  const { length: n } = test
  const weak = measure.cameTo(test.map((row) => ({ ...row, cheap: true })))
  tell('always_strong_saved_percent', free(0), { n })
  tell('always_weak_saved_percent', free(1), { n })
  tell('always_weak_retained_percent', 100 * weak.retained, { n })
}

/** The headline on parts of the rows: file by file, and without kinds of task that seem to have been marked wrongly. */
const reportSlices = (teller: Teller, { train, calibrate }: Parts, rows: readonly Row[]): void => {
  const strange = invertedTasks([...train, ...calibrate])
  report({ bench, metric: 'inverted_tasks', value: strange.size, unit: 'tasks', n: rows.length })
  const straight = rows.filter(({ task }) => !strange.has(task))
  if (straight.length > 0) teller.both(straight, 0.98, '_without_inverted')
  for (const [file, part] of Map.groupBy(rows, (row) => row.file)) teller.both(part, 0.98, `_of_${file}`)
}

const reportUnseen = (teller: Teller, { train, calibrate, test }: Parts): void => {
  const unseen = triedOnUnseen([...train, ...calibrate], test)
  if (unseen === null) {
    process.stderr.write('There are fewer than three domains: nothing can be said of domains that were never seen.\n')
    return
  }
  for (const retained of asked) {
    teller.both(rowsAt(unseen, retained), retained, '_ood')
    teller.byGap(rowsAt(unseen, retained), retained, '_ood')
  }
}

/** How well the order of the rows is told, and how well by who learnt from outcomes that belong to other rows. */
const reportNoise = ({ tested }: Trial<Recorded>, parts: Parts): void => {
  const n = tested.length
  const noise = tried({ ...parts, train: shuffled(parts.train, measure.drawing(7)) })
  tell('recovered_percent', 100 * measure.recovered(tested), { baseline: 50, n })
  tell('recovered_percent_of_shuffled', 100 * measure.recovered(noise.tested), { baseline: 50, n })
}

/** What the classifier takes of the processor once it is warm, in µs: for a prompt, and for 1000 characters. */
const timeOf = ({ model }: Trial<Recorded>, rows: readonly Recorded[]): { each: number; perKb: number } => {
  const some = rows.slice(0, 2000)
  const look = () => some.forEach(({ prompt, task }) => score(model, prompt, task))
  for (let warm = 0; warm < 3; warm++) look()
  const began = process.cpuUsage()
  look()
  const { user, system } = process.cpuUsage(began)
  const characters = some.reduce((sum, { prompt }) => sum + prompt.length, 0)
  return { each: (user + system) / some.length, perKb: ((user + system) * 1000) / Math.max(characters, 1) }
}
