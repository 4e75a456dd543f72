import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { Outcome } from '#schemas/gateway/classifier/outcome.ts'
import { approaches, type Approach } from './bench/savings-approaches.ts'
import * as measure from './bench/savings-measure.ts'
import { fewEnough, partsOf, readFolder, type Recorded } from './bench/savings-read.ts'
import {
  asked,
  invertedTasks,
  partsOfTasks,
  shuffled,
  tried,
  triedBy,
  triedOnUnseen,
} from './bench/savings-recorded.ts'
import { drawnOutcomes } from './harness/outcomes.ts'

const recorded = (rows: readonly Outcome[], file = 'drawn'): Recorded[] => rows.map((row) => ({ ...row, file }))
const rows = recorded(drawnOutcomes(3000, 5))
const parts = partsOf(rows)
const sent = (of: readonly Outcome[], isCheap: (row: Outcome) => boolean) =>
  of.map((row) => ({ ...row, cheap: isCheap(row) }))
const everybody = sent(parts.test, () => true)

describe('the files of recorded outcomes', () => {
  const folderWith = (files: Record<string, Buffer>): string => {
    const folder = mkdtempSync(join(tmpdir(), 'outcomes-'))
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes)
    return folder
  }
  const head = 'domain,prompt,strong_ok,weak_ok\n'

  test('are read all, in the order of their names', () => {
    const b = gzipSync(`${head}law,"one, two",1,0\n`)
    const a = gzipSync(`${head}sums,three,0,1\n`)
    expect(readFolder(folderWith({ 'b.csv.gz': b, 'a.csv.gz': a, 'c.csv': Buffer.from('not one') }))).toEqual([
      { file: 'a', task: 'sums', prompt: 'three', strong: 0, weak: 1 },
      { file: 'b', task: 'law', prompt: 'one, two', strong: 1, weak: 0 },
    ])
  })

  test.each<[string, Record<string, Buffer>, RegExp]>([
    ['none', {}, /^There is no file \*\.csv\.gz in /],
    ['no rows', { 'a.csv.gz': gzipSync(head) }, /^There is no row in the files of /],
    ['not packed', { 'a.csv.gz': Buffer.from(head) }, /^a\.csv\.gz cannot be read\. incorrect header check/],
    [
      'cut off',
      { 'a.csv.gz': gzipSync(head.repeat(50)).subarray(0, 30) },
      /^a\.csv\.gz cannot be read\. unexpected end of file/,
    ],
    ['a wrong row', { 'a.csv.gz': gzipSync(`${head}a,b,1\n`) }, /^a\.csv\.gz cannot be read\. Line 2: It has 3 fields/],
  ])('%s: the sentence names what is wrong', (_, files, sentence) => {
    expect(() => readFolder(folderWith(files))).toThrow(sentence)
  })

  test('a folder that is not there is named', () => {
    expect(() => readFolder('/nowhere/at/all')).toThrow('There is no folder /nowhere/at/all.')
  })
})

test('rows are learnt from, calibrated with and tested on apart, and no prompt is in two parts', () => {
  const twice = partsOf([...rows, ...rows.slice(0, 200)])
  const prompts = Object.values(twice).map((part: Recorded[]) => new Set(part.map(({ prompt }) => prompt)))
  expect(prompts.reduce((sum, { size }) => sum + size, 0)).toBe(new Set(rows.map(({ prompt }) => prompt)).size)
  expect(parts.test.length / rows.length).toBeCloseTo(0.3, 1)
  expect(parts.train.length / rows.length).toBeCloseTo(0.5, 1)
})

test('too few rows are told, and of too many some are left out, whatever their order', () => {
  expect(() => partsOf(rows.slice(0, 2))).toThrow(/^2 rows are too few: /)
  const few = fewEnough(rows, 1000)
  expect(few.length / 1000).toBeCloseTo(1, 1)
  expect(new Set(fewEnough(rows.toReversed(), 1000))).toEqual(new Set(few))
  expect(fewEnough(rows, rows.length)).toHaveLength(rows.length)
})

describe('what is measured', () => {
  const retained = [0.9, 0.95, 0.98, 1]

  test('all at the strong model keeps all and saves nothing; all at the weak one keeps what it is worth', () => {
    expect(measure.cameTo(sent(parts.test, () => false))).toEqual({ share: 0, retained: 1 })
    const sum = (of: (row: Outcome) => number) => parts.test.reduce((all, row) => all + of(row), 0)
    const weak = sum((row) => row.weak) / sum((row) => row.strong)
    expect(measure.cameTo(everybody)).toEqual({ share: 1, retained: expect.closeTo(weak, 10) })
  })

  test('the random line is what drawing lots comes to', () => {
    const random = measure.drawing(3)
    for (const share of [0.2, 0.7]) {
      const kept = Array.from({ length: 200 }, () => measure.cameTo(sent(parts.test, () => random() < share)).retained)
      const mean = kept.reduce((a, b) => a + b, 0) / kept.length
      expect(mean).toBeCloseTo(measure.randomKeeps(everybody, share), 2)
    }
    for (const one of retained)
      expect(measure.randomKeeps(everybody, measure.randomShare(everybody, one))).toBeCloseTo(one, 10)
    expect(
      measure.randomShare(
        sent([{ ...parts.test[0], strong: 0, weak: 1 } as Outcome], () => true),
        0.98,
      ),
    ).toBe(1)
  })

  test('nobody does better than the oracle, and it keeps what is asked', () => {
    for (const one of retained) {
      const share = measure.oracleShare(everybody, one)
      const order = parts.test.toSorted((a, b) => b.weak - b.strong - (a.weak - a.strong))
      const count = Math.round(share * order.length)
      const kept = (n: number) => measure.cameTo(order.map((row, at) => ({ ...row, cheap: at < n }))).retained
      expect(kept(count)).toBeGreaterThanOrEqual(one - 1e-9)
      expect(kept(count + 1)).toBeLessThan(one)
      expect(share).toBeGreaterThan(measure.randomShare(everybody, one))
    }
  })

  test('the interval holds the figure, is the narrower the more rows there are, and is the same each time', () => {
    const of = sent(parts.test, ({ prompt }) => prompt.length % 3 === 0)
    const kept = ({ retained: one }: measure.Came) => one
    const { low, high } = measure.interval(of, kept)
    const few = measure.interval(of.slice(0, 50), kept)
    const value = measure.cameTo(of).retained
    expect(low < value && value < high).toBe(true)
    expect(high - low).toBeLessThan(few.high - few.low)
    expect(measure.interval(of, kept)).toEqual({ low, high })
    // as wide as theory has it: two standard errors to each side
    const losses = of.map((row) => (row.cheap ? row.strong - row.weak : 0) - (1 - value) * row.strong)
    const error = Math.hypot(...losses) / of.reduce((sum, { strong }) => sum + strong, 0)
    expect((high - low) / (4 * error)).toBeGreaterThan(0.85)
    expect((high - low) / (4 * error)).toBeLessThan(1.15)
  })

  test('saved is the share at the difference of prices, less every charge', () => {
    const free = { looking: 0, guard: { share: 0, cost: 0 } }
    expect(measure.savedPercent(0.4, { gap: 20, ...free })).toBeCloseTo(38, 10)
    expect(measure.savedPercent(0.4, { gap: 20, looking: 0.01, guard: { share: 0.02, cost: 2 } })).toBeCloseTo(35.4, 10)
    expect(measure.savedPercent(0, { gap: 5, looking: 0.01, guard: { share: 0.02, cost: 2 } })).toBeCloseTo(-1, 10)
  })

  test('who knows the order recovers the most, who draws it about a half, who has it upside down the least', () => {
    const random = measure.drawing(1)
    const by = (score: (row: Outcome) => number) =>
      measure.recovered(parts.test.map((row) => ({ ...row, score: score(row) })))
    const knowing = by(({ strong, weak }) => weak - strong)
    const drawn = by(() => random())
    expect(knowing).toBeGreaterThan(0.9)
    expect(Math.abs(drawn - 0.5)).toBeLessThan(0.06)
    expect(by(({ strong, weak }) => strong - weak)).toBeLessThan(0.1)
    expect(measure.recovered([{ strong: 1, weak: 1, score: 0.3 }])).toBe(0.5)
  })
})

describe('routing', () => {
  test('keeps about what is asked and saves more than chance; the oracle is above, always', () => {
    const { routed } = tried(parts)
    for (const retained of asked) {
      const of = routed.get(retained) ?? []
      const came = measure.cameTo(of)
      expect(of).toHaveLength(parts.test.length)
      expect(came.retained).toBeGreaterThan(retained - 0.03)
      expect(came.share).toBeGreaterThan(measure.randomShare(of, retained))
      expect(came.share).toBeLessThanOrEqual(measure.oracleShare(of, came.retained))
      expect(came.retained).toBeGreaterThan(measure.randomKeeps(of, came.share))
    }
  })

  test.each(Object.keys(approaches))('%s is tried on the same rows', (name) => {
    const { routed, tested } = triedBy(approaches[name] as Approach, parts)
    expect(measure.recovered(tested)).toBeGreaterThan(name === 'length' ? 0.4 : 0.5)
    const came = measure.cameTo(routed.get(0.95) ?? [])
    expect(routed.get(0.95)).toHaveLength(parts.test.length)
    expect(came.retained).toBeGreaterThan(0.9)
    expect(came.share).toBeLessThanOrEqual(measure.oracleShare(everybody, came.retained))
  })

  test('whoever learns from outcomes of other rows recovers what chance does', () => {
    const noise = { ...parts, train: shuffled(parts.train, measure.drawing(7)) }
    expect(noise.train.map(({ prompt }) => prompt)).toEqual(parts.train.map(({ prompt }) => prompt))
    expect(Math.abs(measure.recovered(tried(noise).tested) - 0.5)).toBeLessThan(0.1)
    expect(measure.recovered(tried(parts).tested)).toBeGreaterThan(0.6)
  })

  const few = partsOf(rows.slice(0, 400))
  const known = [...few.train, ...few.calibrate]

  test('kinds of task that were never seen are tried each once; with two there is nothing to be said', () => {
    const unseen = triedOnUnseen(known, few.test)?.get(0.98) ?? []
    expect(unseen.map(({ prompt }) => prompt).toSorted()).toEqual(few.test.map(({ prompt }) => prompt).toSorted())
    const two = rows.filter(({ task }) => task === 'law' || task === 'sums')
    expect(triedOnUnseen(two, two)).toBeNull()
    expect(triedOnUnseen([], [])).toBeNull()
  })

  test('what is told of a kind of task that was never seen does not hang on its own outcomes', () => {
    const turned = known.map((row) => (row.task === 'law' ? { ...row, strong: row.weak, weak: row.strong } : row))
    const lawOf = (from: readonly Recorded[]) =>
      triedOnUnseen(from, few.test)
        ?.get(0.98)
        ?.filter(({ task }) => task === 'law')
    expect(lawOf(turned)).toEqual(lawOf(known))
  })

  test('for kinds of task that were never seen the threshold comes from such: who cannot tell them sends few', () => {
    // a kind of task is told by a word of its own, which says all of it and nothing of others
    const told = recorded(
      Array.from({ length: 600 }, (_, n) => ({
        task: `t${n % 10}`,
        prompt: `word${n % 10}x ${n}`,
        strong: 1,
        weak: n % 2,
      })),
    )
    const unseen = triedOnUnseen(told, told)?.get(0.95) ?? []
    expect(measure.cameTo(unseen).retained).toBeGreaterThan(0.85)
    expect(
      measure.cameTo(tried({ train: told, calibrate: told, test: told }).routed.get(0.95) ?? []).share,
    ).toBeGreaterThan(0.4)
  })

  test('kinds of task are in parts of about as many rows', () => {
    const part = partsOfTasks(rows)
    expect(new Set(part.values()).size).toBe(5)
    expect(partsOfTasks(rows.filter(({ task }) => task === 'law')).size).toBe(1)
  })

  test('kinds of task in which the weak model is better beyond chance are named', () => {
    expect(invertedTasks(rows).size).toBe(0)
    const turned = rows.map((row) => (row.task === 'sums' ? { ...row, strong: row.weak, weak: row.strong } : row))
    expect([...invertedTasks(turned)]).toEqual(['sums'])
  })
})
