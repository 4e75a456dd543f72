import { expect, test } from 'vitest'
import { drawnOutcomes } from '#test/harness/outcomes.ts'
import { choose, foundOf, type Scored } from './found.ts'
import { makeClassifier } from './made.ts'

const { model, scored } = makeClassifier(drawnOutcomes(3000, 11))

test('the more quality is to be kept, the fewer prompts go to the cheap model, and by chance fewer still', () => {
  const { choices } = foundOf(model, scored)
  expect(choices.map(({ retained }) => retained)).toEqual([0.9, 0.95, 0.97, 0.98, 0.99, 0.995])
  const shares = choices.map(({ share }) => share)
  expect(shares).toEqual(shares.toSorted((a, b) => b - a))
  expect(shares[0]).toBeGreaterThan(0.2)
  for (const { share, byChance, kept, retained } of choices) {
    expect(kept).toBeGreaterThan(retained - 0.02)
    if (share > 0) expect(share).toBeGreaterThan(byChance)
  }
  const { strong, weak } = model.trained
  expect(choices[1]!.byChance).toBeCloseTo((0.05 * strong) / (strong - weak), 10)
})

test('what is told to be kept is what was, from the threshold on, of the rows that were held back now and in turn', () => {
  const { threshold, share, kept } = choose(model, scored, 0.95)
  expect(share).toBeCloseTo(scored.filter(([score]) => score >= threshold!).length / scored.length, 10)
  const sum = (of: number[]) => of.reduce((a, b) => a + b, 0)
  const sent = Math.round((Math.round(100 * share) / 100) * scored.length)
  const now =
    sum(scored.map(([, strong, weak], at) => (at < sent ? weak : strong))) / sum(scored.map(([, strong]) => strong))
  const inTurn = 1 - model.trained.losses[Math.round(100 * share)]!
  const own = scored.length / (scored.length + model.trained.rows)
  expect(kept).toBeCloseTo(own * now + (1 - own) * inTurn, 10)
})

test('of rows that say nothing, nothing is sent', () => {
  const hard: Scored[] = scored.map(([score]) => [score, 1, 0])
  const untold = { ...model, trained: { ...model.trained, losses: [], rows: 0 } }
  expect(choose(untold, hard, 0.999)).toMatchObject({ threshold: null, share: 0, kept: 1 })
  expect(choose(model, [], 0.98)).toMatchObject({ share: 0 })
})

test('the same rows come to the same, and what stands in the half that was held back is not learnt', () => {
  expect(makeClassifier(drawnOutcomes(3000, 11)).scored).toEqual(scored)
  expect(model.trained.rows + scored.length).toBe(3000)
  expect(scored.length / 3000).toBeGreaterThan(0.15)
})
