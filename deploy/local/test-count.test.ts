import { expect, test } from 'vitest'
import { countOf, summary } from './test-count.ts'

const report = (change: object) => () =>
  JSON.stringify({
    numPassedTests: 3,
    numFailedTests: 0,
    numPendingTests: 0,
    numTodoTests: 0,
    testResults: [],
    ...change,
  })

test('passed, failed and skipped tests are counted', () => {
  const count = countOf(report({ numFailedTests: 1, numPendingTests: 2, numTodoTests: 1 }), 1)
  expect(summary(count)).toBe('3 passed, 1 failed, 3 skipped')
})

test('the line names no skipped tests where there are none', () => {
  expect(summary(countOf(report({}), 0))).toBe('3 passed, 0 failed')
})

test('a file that failed before its first test is a failure', () => {
  const testResults = [{ status: 'failed', assertionResults: [{ status: 'passed' }] }]
  expect(countOf(report({ testResults }), 1).failed).toBe(1)
})

test('a run that failed for another reason is a failure', () => {
  expect(countOf(report({}), 1).failed).toBe(1)
})

test('a run that left no report is a failure', () => {
  const missing = () => {
    throw new Error('ENOENT')
  }
  expect(countOf(missing, 137)).toEqual({ passed: 0, failed: 1, skipped: 0 })
})
