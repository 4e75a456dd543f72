import { describe, expect, test } from 'vitest'
import { groups, mostRead, placesOf, sizes, type Group } from './features.ts'
import { signsOf } from './signs.ts'

const of = (group: Group, prompt: string): number[] => {
  const { list, count } = placesOf(prompt)[group]
  return [...list.subarray(0, count)]
}

describe('words', () => {
  test('are the same in capitals, and each counts once', () => {
    expect(of('words', 'Lease a CAR')).toEqual(of('words', 'lease a car'))
    expect(of('words', 'no no no')).toHaveLength(1)
  })

  test('end at spaces, signs and digits, which are words of their own', () => {
    expect(of('words', 'a+b')).toEqual(of('words', 'a + b'))
    expect(of('words', '12')).toEqual([...of('words', '1'), ...of('words', '2')])
    expect(of('words', 'naïve Öl')).toEqual([...of('words', 'NAÏVE'), ...of('words', 'öl')])
    expect(of('words', '  \n\t ')).toEqual([])
  })

  test('make a pair with the one before them, in that order', () => {
    expect(of('pairs', 'lease car')).toHaveLength(1)
    expect(of('pairs', 'lease car')).not.toEqual(of('pairs', 'car lease'))
    expect(of('pairs', 'the lease car')).toEqual(expect.arrayContaining(of('pairs', 'lease car')))
  })
})

test('letters are looked at four by four, over the ends of words', () => {
  expect(of('letters', 'abc')).toEqual([])
  expect(of('letters', 'abcde')).toEqual([...of('letters', 'abcd'), ...of('letters', 'bcde')])
  expect(of('letters', 'a bc')).not.toEqual(of('letters', 'ab c'))
})

test('of a long text the end is read, and nothing lies outside the room that there is', () => {
  const long = 'x1 '.repeat(mostRead)
  for (const group of groups) {
    const places = of(group, `${'y '.repeat(9000)}${long}`)
    expect(places.every((place) => place >= 0 && place < sizes[group])).toBe(true)
    if (group !== 'signs') expect(places).toEqual(of(group, long))
  }
  expect(
    of('words', Array.from({ length: mostRead }, (_, at) => String.fromCharCode(0x4e00 + at)).join(' ')).length,
  ).toBeLessThan(mostRead)
  // small letters can be longer than great ones
  expect(of('letters', 'İ'.repeat(mostRead)).length).toBeLessThan(10)
})

test('signs say how a text looks', () => {
  const signs = (text: string) => Object.fromEntries(signsOf(text, text.length))
  expect(signs('Why? How!\nIs 3 + 4 = 7, or not')).toMatchObject({
    lines: 1,
    questions: 1,
    formulas: 2,
    denies: 1,
    blank: 0,
    digits: Math.sqrt(3),
    sentences: 2 * Math.log2(3),
    'last line': 2 * Math.log2(21),
  })
  expect(signs('')).toMatchObject({ length: 0, lines: 0, 'share of digits': 0 })
  expect(signs('ABcd 12')).toMatchObject({ capitals: 60 / 7, 'length of words': 8, 'share of digits': 40 / 7 })
  expect(signs('Fill in: ___')).toMatchObject({ blank: 1, denies: 0 })
})
