import { expect, test } from 'vitest'
import { createLog } from '#activities/log.ts'
import { BatchLog } from './log.ts'

const said: string[] = []
const log = createLog('test', 'debug', (line) => void said.push(line))
const away = () => Promise.reject(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }))

/** A log that writes into `written`, as long as `works` says so. */
const logInto = (works: (rows: readonly number[]) => Promise<unknown> = () => Promise.resolve()) => {
  const written: number[] = []
  const rows = new BatchLog<number>(async (batch) => {
    await works(batch)
    written.push(...batch)
  }, log)
  return { rows, written }
}

test('rows are written in the order in which they came, many at a time', async () => {
  const batches: number[] = []
  const { rows, written } = logInto((batch) => Promise.resolve(batches.push(batch.length)))
  const all = Array.from({ length: 1200 }, (_, n) => n)
  for (const row of all) rows.push(row)
  await rows.flush()
  expect(written).toEqual(all)
  expect(batches.length).toBeLessThan(10)
})

test('while the database is away rows wait, and are all written when it is back', async () => {
  let isAway = true
  const { rows, written } = logInto(() => (isAway ? away() : Promise.resolve()))
  for (const row of [1, 2, 3]) rows.push(row)
  await expect(rows.flush()).rejects.toThrow('ECONNREFUSED')
  expect([rows.waiting, written]).toEqual([3, []])
  isAway = false
  rows.push(4)
  await rows.flush()
  expect([rows.waiting, written]).toEqual([0, [1, 2, 3, 4]])
})

test('a row that the database does not take holds up no other', async () => {
  const { rows, written } = logInto((batch) =>
    batch.includes(2) ? Promise.reject(new Error('value out of range')) : Promise.resolve(),
  )
  for (const row of [1, 2, 3]) rows.push(row)
  await rows.flush()
  expect(written).toEqual([1, 3])
  expect(said.at(-1)).toContain('value out of range')
})

test('memory has an end: what is more than it holds is counted, and told of', async () => {
  let isAway = true
  const { rows, written } = logInto(() => (isAway ? away() : Promise.resolve()))
  for (let row = 0; row < 20_000; row++) rows.push(row)
  expect(rows.waiting).toBe(10_000)
  await expect(rows.flush()).rejects.toThrow('ECONNREFUSED')
  isAway = false
  await rows.flush()
  expect(written).toHaveLength(10_000)
  expect(said.findLast((line) => line.includes('too many waited'))).toContain('"lost":10000')
})
