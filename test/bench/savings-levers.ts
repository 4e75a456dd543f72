import { calibrate, thresholdOf } from '#schemas/gateway/classifier/calibrate.ts'
import { score } from '#schemas/gateway/classifier/score.ts'
import { train } from '#schemas/gateway/classifier/train.ts'
import { approaches, type Approach } from './savings-approaches.ts'
import { report } from './figure.ts'
import { randomShare } from './savings-measure.ts'
import type { Parts, Recorded } from './savings-read.ts'
import { scoredBy } from './savings-recorded.ts'
import { levers, replayed, retainedOf, savedOf, type Came, type Choices, type Lever } from './savings-replay.ts'
import { traceOf, type Request } from './savings-trace.ts'

/** Prices are those of this day: a figure stays the same until somebody moves it. */
const day = Date.parse('2026-11-22T12:00:00Z')
/** What a processor takes for one look of the classifier, in US dollars: 100 µs at 0.05 an hour. */
const looking = (100e-6 * 0.05) / 3600
const seeds = Array.from({ length: 20 }, (_, seed) => seed + 1)

/** By how many standard errors: more than where every row counts once, since here the same question comes again and again. */
const margin = 1.64

/** Who goes to the cheap model, by what was learnt from rows that are not in the trace. */
export function choicesOf({ train: learnt, calibrate: held, test }: Parts, retained: number): Choices {
  const chooser = (from: number, of: (row: Recorded) => number) => {
    const known = new Map<string, boolean>()
    return (request: Request): boolean => {
      const row = request.app.declares ? request.row : { ...request.row, task: '' }
      const name = `${row.task}\n${row.prompt}`
      const found = known.get(name) ?? of(row) >= from
      known.set(name, found)
      return found
    }
  }
  const ask = { retained, margin }
  const [model, plain] = [train(learnt), train(learnt, { tasks: false })]
  const byTask = (approaches['task'] as Approach)(learnt)
  // a threshold is for requests that say which kind of task they are of, or for such that do not
  const informed = chooser(calibrate(model, held, ask), ({ prompt, task }) => score(model, prompt, task))
  const uninformed = chooser(calibrate(plain, held, ask), ({ prompt }) => score(plain, prompt))
  const share = randomShare(
    test.map((row) => ({ ...row, cheap: true })),
    retained,
  )
  return {
    task: chooser(thresholdOf(scoredBy(held, byTask), ask), byTask),
    classifier: uninformed,
    both: (request) => (request.app.declares ? informed : uninformed)(request),
    random: ({ chance }) => chance < share,
  }
}

type Arm = { saved: number; came: Came }

/** Every lever alone, all of them, all but one, and all with chance in place of what routes. */
export function armsOf(trace: readonly Request[], choices: Choices): Map<string, Arm> {
  const run = (on: Iterable<Lever>, byChance = false) =>
    replayed(trace, new Set(on), choices, { day, looking, byChance })
  const without = run([])
  const arm = (came: Came): Arm => ({ saved: savedOf(came, without), came })
  const found = new Map<string, Arm>([
    ['none', arm(without)],
    ['all', arm(run(levers))],
    ['all_routed_by_chance', arm(run(levers, true))],
    ['chance_alone', arm(run([], true))],
  ])
  for (const lever of levers) {
    found.set(`${lever}_alone`, arm(run([lever])))
    found.set(`without_${lever}`, arm(run(levers.filter((one) => one !== lever))))
  }
  return found
}

/** What the levers save on traces that are made up, each figure with the least and the greatest of some of them. */
export function reportLevers(parts: Parts, count: number): void {
  const choices = choicesOf(parts, 0.98)
  const runs = seeds.map((seed) => armsOf(traceOf(parts.test, count, seed), choices))
  const tell = (metric: string, of: (arms: Map<string, Arm>) => number, baseline?: number): number => {
    const found = runs.map(of)
    const value = found.reduce((a, b) => a + b, 0) / found.length
    const [low, high] = [Math.min(...found), Math.max(...found)]
    const n = count * seeds.length
    report({
      bench: 'savings',
      metric: `trace_${metric}`,
      value,
      unit: 'percent',
      ...(baseline === undefined ? {} : { baseline }),
      low,
      high,
      n,
    })
    return value
  }
  const arm = (arms: Map<string, Arm>, name: string) => arms.get(name) as Arm
  const all = tell('saved_percent_at_98', (arms) => arm(arms, 'all').saved)
  tell('retained_percent_at_98', (arms) => retainedOf(arm(arms, 'all').came), 98)
  tell('saved_percent_routed_by_chance', (arms) => arm(arms, 'all_routed_by_chance').saved, all)
  tell('retained_percent_routed_by_chance', (arms) => retainedOf(arm(arms, 'all_routed_by_chance').came), 98)
  tell('random_percent_at_98', (arms) => arm(arms, 'chance_alone').saved)
  for (const lever of levers) {
    tell(`saved_percent_${lever}_alone`, (arms) => arm(arms, `${lever}_alone`).saved)
    tell(`saved_percent_without_${lever}`, (arms) => arm(arms, `without_${lever}`).saved, all)
  }
  tell('cache_hits_percent', (arms) => 100 * arm(arms, 'all').came.hits)
  tell('cheap_percent', (arms) => 100 * arm(arms, 'all').came.cheap)
  tell('prompt_cached_percent', (arms) => 100 * arm(arms, 'all').came.cached)
  tell('prompt_cached_percent_without_levers', (arms) => 100 * arm(arms, 'none').came.cached)
}
