import { expect, test } from 'vitest'
import { costBins, csvOf, filterOf, groupName, savedParts, savedShare, savedText } from './costs.ts'

const sums = {
  requests: 1,
  unpriced: 0,
  cost: 2,
  guard: 0.5,
  list: 3,
  saved: { cache: 1, promptCache: 0, routing: 0, marks: -2, trimming: 3 },
  tokens: { input: 10, cached: 0, output: 5 },
}
const group = (name: string) => ({ ...sums, group: name, name: null })

test('hours stand in their order, groups upon each other in theirs, and the rest on top', () => {
  const now = Date.parse('2026-11-22T10:40:00Z')
  const at = '2026-11-22T09:00:00.000Z'
  const points = [
    { at, group: 'other', cost: 1, list: 1 },
    { at, group: 'b', cost: 2, list: 4 },
    { at, group: 'a', cost: 3, list: 3 },
  ]
  const bins = costBins({ by: 'hour', groups: [group('a'), group('b')], points }, 1, now)
  expect(bins).toHaveLength(24)
  expect(new Date(bins.at(-1)!.at).toISOString()).toBe('2026-11-22T10:00:00.000Z')
  expect(bins.at(-2)).toMatchObject({
    cost: 6,
    list: 8,
    parts: [
      { group: 'a', from: 0, to: 3 },
      { group: 'b', from: 3, to: 5 },
      { group: 'other', from: 5, to: 6 },
    ],
  })
  expect(bins.at(-1)).toMatchObject({ cost: 0, list: 0, parts: [] })
})

test('what has nothing of it is called so, and what has a name by that', () => {
  expect(groupName('key', group(''))).toBe('the platform itself')
  expect(groupName('key', { group: 'vky_1', name: 'Desk' })).toBe('Desk')
  expect(groupName('tag', group('north'))).toBe('north')
})

test('of a request those levers are told that were at work, also where one cost more', () => {
  expect(savedParts({ cache: 0, promptCache: 0.5, routing: 0, marks: -0.25, trimming: 0 })).toEqual([
    { title: 'Prompt caches of providers', usd: 0.5 },
    { title: 'Marked prompts', usd: -0.25 },
  ])
  expect(savedParts(null)).toEqual([])
})

test('the share that was saved is of what it would have cost, and may be less than nothing', () => {
  expect(savedShare({ cost: 1, list: 4 })).toBe(0.75)
  expect(savedShare({ cost: 5, list: 4 })).toBe(-0.25)
  expect(savedShare({ cost: 0, list: 0 })).toBeNull()
})

test('the requests of a group are found where they can be asked for', () => {
  expect(filterOf('model', 'gpt-5')).toEqual({ model: 'gpt-5' })
  expect(filterOf('key', 'vky_1')).toEqual({ key: 'vky_1' })
  expect(filterOf('key', '')).toBeUndefined()
  expect(filterOf('tag', 'north')).toBeUndefined()
})

test('what was saved is told with the quality that it has kept, and a guard that cost more is told instead', () => {
  expect(savedText({ cost: 0, list: 0, guard: 0 }, null)).toBe('nothing to save yet')
  expect(savedText({ cost: 2, list: 4, guard: 0 }, null)).toBe('50% of $4.00')
  expect(savedText({ cost: 2, list: 4, guard: 0.5 }, { value: 0.97 })).toBe('50% of $4.00, 97 % of the quality kept')
  expect(savedText({ cost: 5, list: 4, guard: 2 }, { value: 0.97 })).toBe(
    'the quality guard cost $2.00, more than was saved',
  )
})

test('a table for a spreadsheet holds every group, and nothing that it would work out', () => {
  const lines = csvOf('tag', { groups: [group('=cmd("x")'), group('north, "A"')] }).split('\r\n')
  expect(lines[1]).toBe(`"'=cmd(""x"")","'=cmd(""x"")",1,0,2,3,1,0,0,-2,3,0.5,10,0,5`)
  expect(lines[2]).toMatch(/^"north, ""A""",/)
})
