import { expect, test } from 'vitest'
import { apartText, costText, countText, shareText } from './figures.ts'

test.each([
  [null, 'no price'],
  [0, '$0'],
  [0.00000016, '$0.00000016'],
  [0.0003375, '$0.00034'],
  [0.00996, '$0.01'],
  [0.000008, '$0.000008'],
  [0.0996, '$0.10'],
  [0.12, '$0.12'],
  [1.234, '$1.23'],
  [1234.5, '$1,234.50'],
])('a cost of %s dollars reads %s', (usd, said) => {
  expect(costText(usd)).toBe(said)
})

test('no cost that is above nothing reads as nothing', () => {
  for (let nano = 1; nano < 1e12; nano *= 7)
    expect(Number(costText(nano / 1e9).replace(/[$,]/g, ''))).toBeGreaterThan(0)
})

test('counts are whole as long as they fit', () => {
  expect([0, 1000, 99_999, 123_456, 999_499, 999_600, 12_345_678].map(countText)).toEqual([
    '0',
    '1,000',
    '99,999',
    '123k',
    '999k',
    '1.0M',
    '12M',
  ])
})

test('our share of a request is said to the hundredth of a millisecond', () => {
  expect([0.384, 4.44, 12.6].map(shareText)).toEqual(['0.38 ms', '4.4 ms', '13 ms'])
})

test('what has a price of its own beside text is said in words', () => {
  expect(apartText({ imageInput: 50, imageOutput: 1000 })).toBe(
    '50 tokens of images read, 1,000 tokens of images drawn',
  )
  expect(apartText({ audioInput: 360, seconds: 35.5 })).toBe('36 seconds of sound')
  expect(apartText({ audioInput: 90, audioOutput: 40, tier: 'flex' })).toBe(
    '90 tokens of sound read, 40 tokens of sound spoken, the tier for what may wait',
  )
  expect(apartText(null)).toBe('')
})
