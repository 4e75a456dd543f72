import { expect, test } from 'vitest'
import { byNewestId, holdNew, mergeLive } from './merge.ts'

type Row = { id: string; state: string }
const row = (id: string, state = 'running'): Row => ({ id, state })
const running = (it: Row) => it.state === 'running'
const ids = (rows: readonly Row[]) => rows.map((it) => it.id)

test('a live row stands in the place of the same row of a page', () => {
  const merged = mergeLive([row('b'), row('a')], [row('a', 'completed')], () => true, byNewestId, true)
  expect(merged).toEqual([row('b'), row('a', 'completed')])
})

test('a row that no longer fits the filter leaves, a new one that fits comes to the top', () => {
  const live = [row('d', 'failed'), row('c'), row('b', 'completed')]
  expect(ids(mergeLive([row('b'), row('a')], live, running, byNewestId, true))).toEqual(['c', 'a'])
})

test('while older pages are missing, an older live row waits for its page: nothing between is skipped', () => {
  const merged = (complete: boolean) => ids(mergeLive([row('f'), row('e')], [row('a')], running, byNewestId, complete))
  expect(merged(false)).toEqual(['f', 'e'])
  expect(merged(true)).toEqual(['f', 'e', 'a'])
})

test('what came since one began to read is held back and counted', () => {
  const rows = [row('d'), row('c'), row('b'), row('a')]
  expect(holdNew(rows, 'b')).toEqual({ rows: [row('b'), row('a')], held: 2 })
  expect(holdNew(rows, undefined).held).toBe(0)
})
