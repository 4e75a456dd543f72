import { expect, test } from 'vitest'
import { drawnOutcomes } from '#test/harness/outcomes.ts'
import { sizes } from './features.ts'
import { model, open, packed } from './model.ts'
import { expected } from './score.ts'
import { train } from './train.ts'

test('weights are kept to a part in 254 of the greatest, with their signs', () => {
  const values = Float64Array.from({ length: sizes.words }, (_, at) => Math.sin(at) / 50)
  const made = { ...train([]), groups: { ...train([]).groups, words: packed(values) } }
  const kept = model.parse(JSON.parse(JSON.stringify(made)))
  const { scale } = kept.groups.words
  open(kept).words.forEach((weight, at) => {
    expect(Math.abs(weight * scale - (values[at] as number))).toBeLessThanOrEqual(1 / 50 / 253)
  })
  expect(packed(new Float64Array(4)).scale).toBe(0)
})

test('a model of another edition is refused', () => {
  expect(model.safeParse({ ...train([]), edition: 2 }).success).toBe(false)
})

test('where the kind of task says all, it is taken for nearly all', () => {
  const rows = drawnOutcomes(600, 1).map((row, at) => ({
    ...row,
    task: at % 2 === 0 ? 'a' : 'b',
    strong: 1,
    weak: at % 2,
  }))
  const made = train(rows)
  const gap = expected(made, 'lease', 'b') - expected(made, 'lease', 'a')
  expect(gap).toBeGreaterThan(0.9)
  expect(gap).toBeLessThan(1.1)
})
