import { expect, test } from 'vitest'
import { clockThere, findZones, ownZone, zoneInWords } from './zones.ts'

test('a zone is found by its city, its region or the name of its clock, the usual ones first', () => {
  expect(findZones('chic')).toEqual(['America/Chicago'])
  expect(findZones('new york')).toEqual(['America/New_York'])
  expect(findZones('america indianapolis')).toHaveLength(1)
  expect(findZones('kolkata')).toEqual(['Asia/Kolkata'])
  expect(findZones('central time')[0]).toBe('America/Chicago')
  expect(findZones('')[0]).toBe(ownZone())
  expect(findZones('atlantis')).toEqual([])
})

test('a zone says what its clock shows, in summer and in winter', () => {
  expect(zoneInWords('Pacific/Honolulu')).toBe('Honolulu time')
  expect(clockThere('America/Chicago', Date.parse('2026-11-23T15:00:00Z'))).toBe('09:00 · GMT-6')
  expect(clockThere('America/Chicago', Date.parse('2026-07-23T15:00:00Z'))).toBe('10:00 · GMT-5')
})
