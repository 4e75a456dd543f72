import { expect, test } from 'vitest'
import { checkVin, vinCheckDigit } from './vin.ts'

test.each([
  ['1HGCM82633A004352', 'valid', 2003],
  ['1M8GDM9AXKP042788', 'valid', 1989],
  ['1hgcm826-33a 004352', 'valid', 2003],
  ['5YJSA1E26HF000337', 'invalid', null],
  ['1HGCM82634A004352', 'invalid', null],
  ['11111111111111111', 'invalid', null],
  ['1HGCM82633A00435O', 'invalid', null],
  ['1HGCM82633A0043521', 'invalid', null],
  ['1HGCM82633A0043_2', 'invalid', null],
  ['N/A', 'invalid', null],
  ['WVWZZZ1JZXW000001', 'not_applicable', null],
  ['194377S100001', 'not_applicable', null],
])('%s is %s', (vin, result, modelYear) => {
  expect(checkVin(vin)).toMatchObject({ result, modelYear, reason: expect.stringMatching(/\.$/) })
})

test('a letter in position 7 means the cycle from 2010, a digit the one from 1980', () => {
  const signed = (vin: string) => vin.slice(0, 8) + vinCheckDigit(vin) + vin.slice(9)
  expect(checkVin(signed('5YJSA1E20HF000337'))).toMatchObject({ result: 'valid', modelYear: 2017 })
  expect(checkVin(signed('5YJSA1020HF000337'))).toMatchObject({ result: 'valid', modelYear: 1987 })
})

test('all ones pass the arithmetic, which is why a placeholder is looked for', () =>
  expect(vinCheckDigit('11111111111111111')).toBe('1'))
