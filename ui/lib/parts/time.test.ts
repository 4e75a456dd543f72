import { expect, test } from 'vitest'
import { absoluteTime, durationText, relativeTime } from './time.ts'

test('a duration is said in the two largest units that matter', () => {
  const said = [-5, 0, 840, 999.6, 1000, 2400, 9940, 12_300, 59_949, 59_960, 192_000, 3_599_700, 7_500_000, 273_600_000]
  expect(said.map(durationText)).toEqual([
    '0 ms',
    '0 ms',
    '840 ms',
    '1.0 s',
    '1.0 s',
    '2.4 s',
    '9.9 s',
    '12 s',
    '60 s',
    '1 min 0 s',
    '3 min 12 s',
    '1 h 00 min',
    '2 h 05 min',
    '3 d 4 h',
  ])
})

test('a time is said from now, both ways', () => {
  const now = Date.UTC(2026, 10, 21, 10)
  const at = (seconds: number) => relativeTime(now + seconds * 1000, now)
  expect([0, -12, -200, -7300, -90_000, 30, 5400].map(at)).toEqual([
    'just now',
    '12 s ago',
    '3 min ago',
    '2 h ago',
    'yesterday',
    'in 30 s',
    'in 1 h',
  ])
})

test('the whole time carries UTC', () => {
  expect(absoluteTime(Date.UTC(2026, 10, 21, 10, 5, 1, 7))).toContain('(2026-11-21 10:05:01.007 UTC)')
})
