import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { momentInShort, momentInWords, onClock, withZone } from './moment.ts'

test('a time that is picked is the same moment wherever it is read, and is shown as it was picked', () => {
  const some = fc.date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true })
  fc.assert(
    fc.property(some, (at) => {
      const clock = onClock(at.toISOString())
      const written = withZone(clock) ?? ''
      expect(written).toMatch(/T\d\d:\d\d:00[+-]\d\d:\d\d$/)
      expect(onClock(written)).toBe(clock)
      expect(Date.parse(written)).toBe(new Date(clock).getTime())
    }),
    { seed: 11 },
  )
})

test('what is no time leaves the field empty and says nothing', () => {
  expect([onClock('tomorrow'), onClock(undefined), withZone(''), momentInWords('tomorrow', 0)]).toEqual([
    '',
    '',
    undefined,
    undefined,
  ])
})

test('a moment is told in words, with how far away it is, or that it is past', () => {
  const at = '2026-11-23T09:30:00Z'
  expect(momentInWords(at, Date.parse('2026-11-21T09:30:00Z'))).toMatch(/^Monday,? .*2026.*, in 2 days\.$/)
  expect(momentInShort(at)).toMatch(/2026/)
  expect(momentInShort('steps.answer.at')).toBeUndefined()
  expect(momentInWords(at, Date.parse('2026-11-23T11:30:00Z'))).toMatch(/2 h ago: it is past/)
})
