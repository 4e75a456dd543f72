import * as fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { hostileText } from '#test/harness/arbitrary.ts'
import { drawnOutcomes } from '#test/harness/outcomes.ts'
import { calibrate, never, thresholdOf } from './calibrate.ts'
import { model as shape, type Model } from './model.ts'
import { parted, type Outcome } from './outcome.ts'
import { expected, score } from './score.ts'
import { train } from './train.ts'

const rows = drawnOutcomes(3000, 11)
const [learnt, held, tested] = parted(rows, [0.5, 0.25, 0.25], 3) as [Outcome[], Outcome[], Outcome[]]
let model: Model
beforeAll(() => (model = train(learnt)))

/** Which share goes to the cheap model, and what is kept of the quality of the strong one. */
const came = (of: Model, from: number, over: readonly Outcome[] = tested) => {
  const sent = over.filter(({ prompt, task }) => score(of, prompt, task) >= from)
  const lost = sent.reduce((sum, { strong, weak }) => sum + strong - weak, 0)
  const best = over.reduce((sum, { strong }) => sum + strong, 0)
  return { share: sent.length / over.length, retained: 1 - lost / best }
}

test('the same rows and options give the same model, byte by byte, in whatever order they were asked', () => {
  const text = JSON.stringify(model)
  score(model, 'something else in between')
  expect(JSON.stringify(train(learnt))).toBe(text)
  expect(JSON.stringify(train(learnt, { seed: 2 }))).not.toBe(text)
})

test('a model that was kept as JSON answers as it did, and is small', () => {
  const text = JSON.stringify(model)
  const kept = shape.parse(JSON.parse(text))
  for (const { prompt, task } of tested.slice(0, 50)) expect(score(kept, prompt, task)).toBe(score(model, prompt, task))
  expect(text.length).toBeLessThan(1_000_000)
})

test('what is foretold comes true: of a hundred prompts at 0.8, about eighty', () => {
  const { curve, error, rows: count, tasks } = model.trained
  expect({ count, tasks }).toEqual({ count: learnt.length, tasks: 5 })
  expect(curve.reduce((sum, step) => sum + step.rows, 0)).toBe(learnt.length)
  expect(curve.map(({ foretold }) => foretold)).toEqual(curve.map(({ foretold }) => foretold).toSorted((a, b) => a - b))
  expect(error).toBeLessThan(0.08)
  const { losses, strong, weak } = model.trained
  expect(losses).toHaveLength(101)
  expect([losses[0], losses[100]]).toEqual([0, expect.closeTo(1 - weak / strong, 8)])
  expect(losses[50]).toBeLessThan((losses[100] ?? 0) / 3)
  const foretold = tested.reduce((sum, { prompt, task }) => sum + score(model, prompt, task), 0) / tested.length
  const true_ = tested.filter(({ strong, weak }) => weak >= strong).length / tested.length
  expect(Math.abs(foretold - true_)).toBeLessThan(0.07)
})

test('easy prompts and kinds of task score higher than hard ones', () => {
  expect(score(model, 'hello thanks friendly reply', 'greetings')).toBeGreaterThan(0.85)
  expect(score(model, 'add the numbers prove exactly', 'sums')).toBeLessThan(0.7)
  // the same words, another kind of task
  expect(score(model, 'name 7?', 'greetings')).toBeGreaterThan(score(model, 'name 7?', 'sums'))
  expect(score(model, 'brake filter prove')).toBeLessThan(score(model, 'brake filter oil'))
})

test('more is sent than by chance at the same quality', () => {
  const { share, retained } = came(model, calibrate(model, held, { retained: 0.98, margin: 0.5 }))
  const lostByChance = share * (1 - came(model, 0).retained)
  expect(share).toBeGreaterThan(0.2)
  expect(1 - retained).toBeLessThan(lostByChance / 2)
})

test('outcomes that belong to other rows teach nothing: what is kept is what chance keeps', () => {
  const marks = learnt.map(({ strong, weak }) => ({ strong, weak }))
  // every row gets the marks of the one 137 places on: the same marks, without a part in their prompts
  const noise = train(learnt.map((row, at) => ({ ...row, ...marks[(at + 137) % marks.length] })))
  const all = 1 - came(noise, 0).retained
  const half = tested.map(({ prompt, task }) => score(noise, prompt, task)).toSorted((a, b) => a - b)[
    Math.floor(tested.length / 2)
  ] as number
  const { share, retained } = came(noise, half)
  const error =
    Math.sqrt(share * (1 - share) * tested.reduce((sum, { strong, weak }) => sum + (strong - weak) ** 2, 0)) /
    tested.reduce((sum, { strong }) => sum + strong, 0)
  expect(Math.abs(1 - retained - share * all)).toBeLessThan(3 * error)
  // and the curve says so: hardly any difference between what is foretold
  expect(noise.trained.curve.at(-1)?.foretold ?? 1).toBeLessThan((noise.trained.curve[0]?.foretold ?? 0) + 0.15)
})

describe('the threshold', () => {
  test('is never lower for more quality or more margin', () => {
    const share = fc.double({ min: 0.5, max: 1, noNaN: true })
    const margin = fc.double({ min: 0, max: 4, noNaN: true })
    const some = held.slice(0, 300)
    fc.assert(
      fc.property(share, share, margin, margin, (a, b, x, y) => {
        const low = calibrate(model, some, { retained: Math.min(a, b), margin: Math.min(x, y) })
        const high = calibrate(model, some, { retained: Math.max(a, b), margin: Math.max(x, y) })
        expect(high).toBeGreaterThanOrEqual(low)
      }),
      { seed: 1, numRuns: 40 },
    )
  })

  test('keeps what is asked on rows that nothing was taken from, with room for the margin', () => {
    for (const retained of [0.9, 0.95, 0.98, 0.99]) {
      const kept = came(model, calibrate(model, held, { retained, margin: 0.5 }))
      expect(kept.retained).toBeGreaterThan(retained - 0.02)
      expect(kept.share).toBeGreaterThan(0.05)
    }
  })

  test('of scores alone keeps what is asked on the rows that it was taken from', () => {
    const scored = held
      .map((row) => ({ ...row, score: score(model, row.prompt, row.task) }))
      .toSorted((a, b) => b.score - a.score)
    for (const retained of [0.9, 0.95, 0.98, 0.99]) {
      const plain = came(model, thresholdOf(scored, { retained, margin: 0 }), held)
      const careful = came(model, thresholdOf(scored, { retained, margin: 2 }), held)
      expect(plain.retained).toBeGreaterThanOrEqual(retained)
      expect(careful.retained).toBeGreaterThan(plain.retained)
      expect(careful.share).toBeLessThan(plain.share)
    }
  })

  test('sends everything where the cheap one is always as good, and nothing where there are no rows', () => {
    const scored = [0.9, 0.8, 0.7].map((one) => ({ score: one, strong: 1, weak: 1 }))
    expect(thresholdOf(scored, { retained: 1, margin: 3 })).toBe(0.7)
    expect(thresholdOf([], { retained: 0.98, margin: 1 })).toBe(never)
    expect(calibrate(model, [], { retained: 0.98, margin: 1 })).toBe(never)
    expect(came(model, never).share).toBe(0)
  })

  test('treats rows of the same score alike', () => {
    const same = Array.from({ length: 10 }, (_, at) => ({ score: 0.5, strong: 1, weak: at < 9 ? 1 : 0 }))
    expect(thresholdOf(same, { retained: 0.9, margin: 0 })).toBe(0.5)
    expect(thresholdOf(same, { retained: 0.95, margin: 0 })).toBe(never)
  })

  test('counts what the training lost as much as the rows, by how many there are of each', () => {
    const scored = Array.from({ length: 100 }, (_, at) => ({ score: 1 - at / 100, strong: 1, weak: at < 50 ? 1 : 0 }))
    const shareWith = (losses: number[], rows: number) =>
      100 - 100 * thresholdOf(scored, { retained: 0.9, margin: 0 }, { losses, rows }) + 1
    expect(shareWith([], 0)).toBeCloseTo(60, 8)
    // the training lost a fifth of what it sent, evenly; as many rows say so as say otherwise
    expect(shareWith([0, 0.1, 0.2], 100)).toBeCloseTo(58, 8)
    expect(shareWith([0, 0.1, 0.2], 1e9)).toBeCloseTo(50, 8)
  })
})

describe('parts', () => {
  test('have every row once and no prompt twice, and a row stays where it is while others come', () => {
    const twice = [...rows.slice(0, 500), ...rows.slice(0, 100)]
    const parts = parted(twice, [0.6, 0.2, 0.2], 9)
    expect(parts.flat()).toHaveLength(600)
    const [a = [], b = [], c = []] = parts.map((part) => new Set(part.map(({ prompt }) => prompt)))
    expect([...a].some((prompt) => (b as Set<string>).has(prompt) || (c as Set<string>).has(prompt))).toBe(false)
    expect(parted(rows, [0.6, 0.2, 0.2], 9)[1]).toEqual(expect.arrayContaining(parts[1] ?? []))
    expect(parts.map(({ length }) => Math.round(length / 120))).toEqual([3, 1, 1])
  })

  test('change with their seed', () => {
    expect(parted(rows, [0.5, 0.5], 1)[0]).not.toEqual(parted(rows, [0.5, 0.5], 2)[0])
  })
})

describe('what has never been seen', () => {
  test('is scored near what is usual: no words, strange words, strange kinds of task', () => {
    const usual = model.trained.suffices
    for (const prompt of ['', 'zzyzx qwfp', '你好，请问这辆车多少钱？', '\ud800'])
      expect(Math.abs(score(model, prompt, 'never heard of') - usual)).toBeLessThan(0.25)
    expect(score(model, 'add the numbers', 'never heard of')).toBe(score(model, 'add the numbers'))
    expect(score(model, 'add the numbers', '__proto__')).toBe(score(model, 'add the numbers'))
  })

  test('is never anything but a probability', () => {
    fc.assert(
      fc.property(hostileText, hostileText, (prompt, task) => {
        const one = score(model, prompt, task)
        expect(one >= 0 && one <= 1).toBe(true)
        expect(Number.isFinite(expected(model, prompt, task))).toBe(true)
      }),
      { seed: 1 },
    )
  })

  test('a huge prompt is read at its end', () => {
    const end = 'hello thanks friendly reply '.repeat(200)
    const long = (before: string) => score(model, before.repeat(100_000) + end)
    expect(long('prove ')).toBe(long('thank '))
  })
})

describe('few rows', () => {
  test.each([
    ['none', []],
    ['one', learnt.slice(0, 1)],
    ['three', learnt.slice(0, 3)],
    ['all alike', Array.from({ length: 30 }, () => ({ prompt: 'a', task: 'b', strong: 1, weak: 1 }))],
    ['the weak one never right', learnt.slice(0, 30).map((row) => ({ ...row, strong: 1, weak: 0 }))],
    ['nobody ever right', learnt.slice(0, 30).map((row) => ({ ...row, strong: 0, weak: 0 }))],
  ])('%s: there is a model, and it answers with probabilities', (_, few) => {
    const made = shape.parse(train(few))
    const one = score(made, 'hello', 'greetings')
    expect(one > 0 && one < 1).toBe(true)
  })

  test('one kind of task only is no kind of task', () => {
    const one = train(learnt.map((row) => ({ ...row, task: '' })))
    expect(one.tasks).toEqual({})
    expect(train(learnt, { tasks: false }).tasks).toEqual({})
  })
})
