import { expect, test } from 'vitest'
import { hasZone, momentMs } from './moment.ts'

test('a time is the same moment on every machine, whether it names its zone or not', () => {
  const at = Date.UTC(2026, 10, 21, 16)
  expect(
    ['2026-11-21T10:00:00-06:00', '2026-11-21T16:00:00Z', '2026-11-21T16:00', '2026-11-21T16:00:00.000'].map(momentMs),
  ).toEqual([at, at, at, at])
  expect(momentMs(at)).toBe(at)
  expect(momentMs('2026-11-21')).toBe(Date.UTC(2026, 10, 21))
  expect(['tomorrow', '', null, {}, Number.NaN].map(momentMs)).toEqual([null, null, null, null, null])
})

test('one that names no zone is told from one that does', () => {
  expect(['2026-11-21T10:00Z', '2026-11-21T10:00+05:30', '2026-11-21', '2026-11-21T10:00'].map(hasZone)).toEqual([
    true,
    true,
    true,
    false,
  ])
})
