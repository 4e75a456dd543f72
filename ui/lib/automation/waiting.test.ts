import { expect, test } from 'vitest'
import type { Node } from '#schemas/automation/definition.ts'
import { goesOnInWords, waitsInShort } from './waiting.ts'

const started = '2026-11-21T12:00:00Z'
const now = Date.parse('2026-11-21T15:00:00Z')
const said = (told: Node['with'] & object) => goesOnInWords({ id: 'nap', kind: 'wait', with: told }, started, now)

test('a wait that is going on says when it ends', () => {
  expect(said({ for: 'schedule', cron: '0 9 * * 1-5', zone: 'America/Chicago' })).toBe(
    'It goes on Mon 23 Nov 2026, 09:00, Chicago time, in 2 days.',
  )
  expect(said({ duration: '1d' })).toMatch(/^It goes on Sunday,? .*2026.*, in 21 h\.$/)
  expect(said({ for: 'until', until: '2026-11-23T15:00:00Z' })).toMatch(/^It goes on Monday,? .*, in 2 days\.$/)
})

test('one whose end is not known, or is here, says nothing', () => {
  expect(said({ for: 'event', event: 'paid', key: 'k' })).toBeUndefined()
  expect(said({ for: 'until', until: { cel: 'input.at' } })).toBeUndefined()
  expect(said({ for: 'schedule', cron: '0 9 * * 1-5', zone: { cel: 'vars.zone' } })).toBeUndefined()
  expect(said({ duration: '2h' })).toBeUndefined()
  expect(goesOnInWords({ id: 'ask', kind: 'approval' }, started, now)).toBeUndefined()
})

test('on a node it is said in a few words what is waited for', () => {
  const short = (told: Node['with'] & object) => waitsInShort({ id: 'nap', kind: 'wait', with: told }, started, now)
  const schedule = (cron: string) => short({ for: 'schedule', cron, zone: 'Asia/Tokyo' })
  expect(schedule('0 9 * * 1-5')).toBe('Until Mon 09:00, Tokyo time')
  expect(schedule('0 9 24 12 *')).toBe('Until 24 Dec 09:00, Tokyo time')
  expect(short({ duration: '3h30m' })).toMatch(/^Until \d\d:30$/)
  expect(short({ duration: '2h' })).toBeUndefined()
  expect(short({ for: 'event', event: 'deposit_paid', key: 'k' })).toBe('Waits for deposit_paid')
  expect(waitsInShort({ id: 'ask', kind: 'approval' }, started, now)).toBeUndefined()
})
