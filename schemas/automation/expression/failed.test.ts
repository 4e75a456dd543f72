import { expect, test } from 'vitest'
import { evaluate } from '../expression.ts'
import { Failure, type Failing } from '../failure.ts'

const names = {
  input: { name: 'Dana', price: 3, tags: [], yes: true },
  vars: { count: null },
  steps: {},
  errors: {},
}

const failing = (expression: string): Failing => {
  try {
    evaluate(expression, names)
  } catch (error) {
    if (error instanceof Failure) return error.failing
    throw error
  }
  throw new Error(`${expression} gives something.`)
}

test.each([
  [
    'vars.count + 1',
    '“vars.count” is empty, and “+” needs a value. Give it one before, or write coalesce(vars.count, 0).',
  ],
  [
    '"x" + vars.count',
    '“vars.count” is empty, and “+” needs a value. Give it one before, or write coalesce(vars.count, "").',
  ],
  ['size(vars.count)', '“vars.count” is empty, and “size” needs a value. Give it one before.'],
  ['vars.count.size()', '“vars.count” is empty, and “size” needs a value. Give it one before.'],
  [
    'input.name + 1',
    '“input.name” is a text and “1” a whole number: “+” does not work with these. “double(…)” makes a number of a text, “string(…)” a text of a number.',
  ],
  ['input.nmae', '“input” has no “nmae”. If it may be missing, write input.?nmae.orValue(null).'],
  ['steps.read.body', '“steps.read” is not there: that step was not done on the way here. Ask has(steps.read) first.'],
  ['errors.read.code', '“errors.read” is not there: that step has not failed. Ask has(errors.read) first.'],
  [
    'input.tags[0]',
    'The list has no such entry. “first(…)” and “last(…)” give null where it is empty. It stands in “input.tags[0]”.',
  ],
  ['input.price ? 1 : 2', 'What stands before “?” has to be yes or no. It stands in “input.price”.'],
  ['input.name.matches(1)', '“matches” does not take a whole number. It stands in “input.name.matches(1)”.'],
  ['1 / 0', 'It divides by zero. Ask first whether the divisor is 0. It stands in “1 / 0”.'],
])('%s tells what is wrong, where, and what to write', (expression, message) => {
  expect(failing(expression)).toMatchObject({ code: 'expression_failed', message })
})

test('the evaluator’s own words are kept beside ours, with the expression', () => {
  expect(failing('1 + vars.count').said).toBe('no such overload: int + dyn<null>. In: 1 + vars.count')
})

test.each([
  ['input.', 'The expression ends where a name is still to come.'],
  ['input.name input', '“input” does not belong here.'],
  ['[1, 2', 'The expression ends where “]” is still to come.'],
  ['1 +* 2', '“*” cannot stand here.'],
  ['"abc', 'The text that begins here is not closed by a quotation mark.'],
  ["'\\q'", 'What follows the backslash here means nothing.'],
  ['1' + ' + 1'.repeat(1200), 'The expression is too large; take it apart, or use a code step.'],
])('%s cannot be read, and says why in plain words', (expression, message) => {
  expect(failing(expression)).toMatchObject({ code: 'expression_malformed', message })
})

test('what is written in place of an empty value works', () => {
  expect(evaluate('coalesce(vars.count, 0) + 1', names)).toBe(1)
  expect(evaluate('input.?nmae.orValue(null)', names)).toBeNull()
})
