import { expect, test } from 'vitest'
import { add, countOf, none, summary } from './test-count.ts'

const counted = (change: object, code: number | null = 1) =>
  countOf(
    'unit',
    '/clone',
    () => JSON.stringify({ numPassedTests: 3, numPendingTests: 0, numTodoTests: 0, testResults: [], ...change }),
    code,
  )

const failing = {
  name: '/clone/api/leads.test.ts',
  status: 'failed',
  assertionResults: [
    { status: 'passed', fullName: 'a lead is taken' },
    {
      status: 'failed',
      fullName: 'a lead is answered',
      failureMessages: ['\u001b[31mAssertionError: expected 1 to be 2\u001b[39m\n    at leads.test.ts:7'],
    },
  ],
}

test('passed, failed and skipped tests are counted, and those that failed stand by name right before that', () => {
  expect(summary(counted({ numPendingTests: 2, numTodoTests: 1, testResults: [failing] }))).toBe(
    'FAIL  api/leads.test.ts > a lead is answered: AssertionError: expected 1 to be 2\n3 passed, 1 failed, 3 skipped',
  )
})

test('the line names no skipped tests where there are none', () => {
  expect(summary(counted({}, 0))).toBe('3 passed, 0 failed')
})

test('a file that failed before its first test is a failure', () => {
  const broken = { name: '/clone/a.test.ts', status: 'failed', message: 'no such module', assertionResults: [] }
  expect(counted({ testResults: [broken] }).failed).toEqual(['a.test.ts: no such module'])
})

test('a run that failed for another reason is a failure', () => {
  expect(counted({}).failed).toEqual(['unit: the run ended with 1, and no test failed'])
})

test('a run that left no report is a failure', () => {
  const missing = () => {
    throw new Error('ENOENT')
  }
  expect(countOf('e2e', '/clone', missing, 137)).toEqual({
    passed: 0,
    failed: ['e2e: the run ended with 137 and left no report'],
    skipped: 0,
  })
})

test('what failed in one run is still named after the next', () => {
  expect(summary(add(counted({ testResults: [failing] }), { ...none, passed: 5 }))).toMatch(
    /^FAIL {2}api\/leads.*\n8 passed, 1 failed$/,
  )
})
