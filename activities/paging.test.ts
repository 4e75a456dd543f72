import { expect, test } from 'vitest'
import { pageOfRows } from './paging.ts'

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
