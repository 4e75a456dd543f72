import { describe, expect, test } from 'vitest'
import type { Outcome } from '#schemas/gateway/classifier/outcome.ts'
import { armsOf, choicesOf } from './bench/savings-levers.ts'
import { randomShare } from './bench/savings-measure.ts'
import { partsOf, type Recorded } from './bench/savings-read.ts'
import { levers, replayed, retainedOf, savedOf } from './bench/savings-replay.ts'
import { traceOf } from './bench/savings-trace.ts'
import { drawnOutcomes } from './harness/outcomes.ts'

const recorded = (rows: readonly Outcome[]): Recorded[] => rows.map((row) => ({ ...row, file: 'drawn' }))
const parts = partsOf(recorded(drawnOutcomes(3000, 5)))
const everybody = parts.test.map((row) => ({ ...row, cheap: true }))

describe('the levers, on a trace that is made up', () => {
  const trace = traceOf(parts.test, 1500, 1)
  const choices = choicesOf(parts, 0.98)
  const arms = armsOf(trace, choices)
  const saved = (name: string): number => arms.get(name)?.saved ?? Number.NaN

  test('a question that is endless is asked by its end', () => {
    const endless = parts.test.slice(0, 50).map((row) => ({ ...row, prompt: `${'on and '.repeat(5000)}${row.prompt}` }))
    for (const { whole } of traceOf(endless, 200, 1)) expect(whole.tokens).toBeLessThan(60_000)
  })

  test('the trace is the same for the same seed, and has repeats, conversations and shared beginnings', () => {
    expect(traceOf(parts.test, 300, 1)).toEqual(traceOf(parts.test, 300, 1))
    expect(traceOf(parts.test, 300, 2)).not.toEqual(traceOf(parts.test, 300, 1))
    expect(traceOf([], 300, 1)).toEqual([])
    expect(trace).toHaveLength(1500)
    expect(trace.map(({ at }) => at)).toEqual(trace.map(({ at }) => at).toSorted((a, b) => a - b))
    expect(new Set(trace.map(({ whole }) => whole.key)).size).toBeLessThan(trace.length * 0.98)
    expect(trace.some(({ whole }) => whole.prefixes.length > 6)).toBe(true)
    for (const { whole, trimmed } of trace) expect(trimmed.tokens).toBeLessThanOrEqual(whole.tokens)
    // all turns of a conversation have one number
    const seeds = Map.groupBy(trace, ({ whole }) => whole.seed)
    expect([...seeds.values()].some((turns) => turns.length > 3)).toBe(true)
  })

  test('some questions come again and again where an application is asked the same, and elsewhere none does', () => {
    const mostOf = (name: string): number => {
      const requests = trace.filter(({ app }) => app.name === name)
      const counts = [...Map.groupBy(requests, ({ row }) => row.prompt).values()].map(({ length }) => length)
      return Math.max(...counts) / requests.length
    }
    expect(mostOf('website')).toBeGreaterThan(0.07)
    expect(mostOf('nightly notes')).toBeLessThan(0.03)
  })

  test('documents come again in a conversation, and then are said once', () => {
    const shorter = trace.filter(({ whole, trimmed }) => trimmed.tokens < whole.tokens - 500)
    expect(shorter.length).toBeGreaterThan(trace.length / 50)
    expect(new Set(shorter.map(({ app }) => app.name))).toEqual(new Set(['service desk']))
  })

  test('chance sends as many as keep what is asked', () => {
    const share = trace.filter(choices.random).length / trace.length
    expect(share).toBeCloseTo(randomShare(everybody, 0.98), 1)
  })

  test('cheap answers that are of no use are asked again of the strong model, and paid twice', () => {
    const bad = traceOf(
      recorded(drawnOutcomes(200, 3)).map((row) => ({ ...row, strong: 1, weak: 0 })),
      1500,
      1,
    )
    const day = Date.parse('2026-11-22T12:00:00Z')
    const cheap = { ...choices, classifier: () => true }
    const came = replayed(bad, new Set(['classifier']), cheap, { day, looking: 0 })
    expect(came.cheap).toBe(1)
    expect(retainedOf(came)).toBeGreaterThan(1)
    expect(retainedOf(came)).toBeLessThan(3.5)
  })

  test('none saves nothing; each alone saves something, and all of them more than any', () => {
    expect(saved('none')).toBe(0)
    expect(retainedOf(arms.get('none')?.came as never)).toBe(100)
    for (const lever of levers) {
      // a kind of task alone may be too little to be sure of
      if (lever === 'task') expect(saved('task_alone')).toBeGreaterThanOrEqual(0)
      else expect(saved(`${lever}_alone`), lever).toBeGreaterThan(0)
      expect(saved('all'), lever).toBeGreaterThan(saved(`${lever}_alone`))
      expect(saved(`without_${lever}`), lever).toBeLessThan(saved('all') + 0.5)
    }
  })

  test('the ablation adds up: one after the other, the levers save what all of them do', () => {
    const run = (on: readonly (typeof levers)[number][]) =>
      replayed(trace, new Set(on), choices, { day: Date.parse('2026-11-22T12:00:00Z'), looking: 1e-9 })
    const without = run([])
    const steps = levers.map(
      (_, n) => savedOf(run(levers.slice(0, n + 1)), without) - savedOf(run(levers.slice(0, n)), without),
    )
    expect(steps.reduce((a, b) => a + b, 0)).toBeCloseTo(saved('all'), 1)
  })

  test('levers that do not choose the model lose no quality; those that do are charged for what they look at and check', () => {
    for (const lever of ['cache', 'sticky', 'markers', 'batch', 'trim'])
      expect(retainedOf(arms.get(`${lever}_alone`)?.came as never), lever).toBe(100)
    expect(arms.get('all')?.came.cheap).toBeGreaterThan(0.1)
    const dear = replayed(trace, new Set(['classifier']), choices, {
      day: Date.parse('2026-11-22T12:00:00Z'),
      looking: 0.01,
    })
    expect(dear.cost - (arms.get('classifier_alone')?.came.cost ?? 0)).toBeCloseTo(0.01 * trace.length, 1)
  })

  test('stickiness and marks make providers read more from their caches', () => {
    const cached = (name: string) => arms.get(name)?.came.cached ?? 0
    expect(cached('sticky_alone')).toBeGreaterThan(cached('none'))
    expect(cached('markers_alone')).toBeGreaterThan(cached('none'))
    expect(cached('without_sticky')).toBeLessThan(cached('all'))
  })
})
