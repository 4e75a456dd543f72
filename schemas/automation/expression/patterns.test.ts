import { expect, test } from 'vitest'
import { evaluate } from '../expression.ts'

const matches = (text: string, pattern: string) =>
  evaluate('input.text.matches(input.pattern)', { input: { text, pattern } })

test('a text is matched by RE2, anywhere in it', () => {
  expect(matches('Golf GTI 2019', '[0-9]{4}')).toBe(true)
  expect(matches('Golf GTI', '^GTI')).toBe(false)
  expect(matches('straße', '(?i)STRASSE|STRA\\x{DF}E')).toBe(true)
})

test('a pattern that would hold up JavaScript for hours is answered like any other', () => {
  // with the 31 letters that this has, JavaScript's engine tries 2^31 ways
  expect(matches(`${'a'.repeat(31)}!`, '^(a+)+$')).toBe(false)
  expect(evaluate(`"${'a'.repeat(31)}!".matches("^(a|a)*$")`, {})).toBe(false)
})

test.each([
  ['"x".matches("(")', 'The pattern “(” cannot be read'],
  ['"x".matches("(?=x)")', 'The pattern “(?=x)” cannot be read'],
  ['"x".matches("(a)\\\\1")', 'cannot be read'],
])('%s is refused when it is written', (expression, why) => {
  expect(() => evaluate(expression, {})).toThrow(why)
})

test('a pattern out of the data that is none fails the step, and says so', () => {
  expect(() => matches('x', '[')).toThrow('The pattern “[” cannot be read')
})

test.each([
  '"aa".matches("a") && "b".matches("b")',
  '("aa") . matches( "a" )',
  '["matches(", "b"].exists(x, x.matches("matches\\\\("))',
  '"x".matches("matches") == false',
])('%s means what it says', (expression) => {
  expect(evaluate(expression, {})).toBe(true)
})

test('no comment leads back to the pattern engine of JavaScript', () => {
  expect(() => evaluate('"a".matches( // matches\n"a")', {})).toThrow('A comment may not stand')
})

test('what does not fit is said of the name that was written', () => {
  expect(() => evaluate('"a".matches(1)', {})).toThrow('matches')
})
