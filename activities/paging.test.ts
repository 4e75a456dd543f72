import { expect, test } from 'vitest'
import { newId } from '#schemas/ids.ts'
import { idCursor, pageOfRows } from './paging.ts'

const rows = ['a', 'b', 'c']
const ordered = { limit: (most: number) => ({ execute: () => Promise.resolve(rows.slice(0, most)) }) }
const read = (limit: number) => pageOfRows(ordered, limit, (last) => `after ${last}`)

test('a page says where the next one begins', async () => {
  expect(await read(2)).toEqual({ rows: ['a', 'b'], next: 'after b' })
})

test('the last page says that it is the last, full or not', async () => {
  expect(await read(3)).toEqual({ rows, next: null })
  expect(await read(4)).toEqual({ rows, next: null })
})

test('a cursor that no list of ids gave is refused', () => {
  const run = newId('run')
  expect(idCursor('run', run)).toBe(run)
  for (const odd of ['zzz', '', newId('batch'), `${run}0`, run.toUpperCase()])
    expect(() => idCursor('run', odd)).toThrow('is not one that this list gave')
})
