import { expect, test } from 'vitest'
import { GroupCommit } from './group-commit.ts'

type Batch = { items: readonly number[]; finish: (error?: Error) => void }

/** A writer whose batches end when the test says so. */
const byHand = () => {
  const batches: Batch[] = []
  const write = (items: readonly number[]) =>
    new Promise<number[]>((resolve, reject) => {
      const finish = (error?: Error) => (error === undefined ? resolve(items.map((n) => n * 10)) : reject(error))
      batches.push({ items, finish })
    })
  return { batches, write }
}
const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)))

test('what arrives together is written together, and each caller gets its own answer', async () => {
  const { batches, write } = byHand()
  const group = new GroupCommit(write)
  const answers = Promise.all([1, 2, 3].map((n) => group.add(n)))
  await turn()
  expect(batches.map((batch) => batch.items)).toEqual([[1, 2, 3]])
  batches[0]!.finish()
  expect(await answers).toEqual([10, 20, 30])
})

test('while one batch is written, what arrives waits, and goes out in batches of the most', async () => {
  const { batches, write } = byHand()
  const group = new GroupCommit(write, { most: 2 })
  const answers = Promise.all([1, 2, 3, 4, 5].map((n) => group.add(n)))
  await turn()
  expect(batches).toHaveLength(1)
  expect(group.depth).toBe(3)
  for (let i = 0; i < 3; i++) {
    batches[i]!.finish()
    await turn()
  }
  expect(batches.map((batch) => batch.items)).toEqual([[1, 2], [3, 4], [5]])
  expect(await answers).toEqual([10, 20, 30, 40, 50])
  expect(group.depth).toBe(0)
})

test('a batch that fails is told to its callers only, and the next one goes on', async () => {
  const { batches, write } = byHand()
  const group = new GroupCommit(write)
  const first = group.add(1)
  await turn()
  const second = group.add(2)
  batches[0]!.finish(new Error('the database is away'))
  await expect(first).rejects.toThrow('the database is away')
  await turn()
  batches[1]!.finish()
  expect(await second).toBe(20)
})

test('what would wait in too long a line is refused, and what waits already is not lost', async () => {
  const { batches, write } = byHand()
  const group = new GroupCommit(write, { most: 1, mostWaiting: 2 })
  const first = group.add(1)
  await turn()
  const waiting = [group.add(2), group.add(3)]
  await expect(group.add(4)).rejects.toMatchObject({ code: 'unavailable', extra: { retryAfterSeconds: 1 } })
  for (let i = 0; i < 3; i++) {
    batches[i]!.finish()
    await turn()
  }
  expect(await Promise.all([first, ...waiting])).toEqual([10, 20, 30])
})
