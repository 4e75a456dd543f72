export type Count = { passed: number; failed: number; skipped: number }

/** What we read of the report of vitest's JSON reporter. */
type Report = {
  numPassedTests: number
  numFailedTests: number
  numPendingTests: number
  numTodoTests: number
  testResults: { status: string; assertionResults: { status: string }[] }[]
}

export const add = (a: Count, b: Count): Count => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
})

/**
 * Counts the tests of a report. A file that failed before its first test, and a run that failed with no failing
 * test or left no report at all, count as one failure: nothing that went wrong may read as passed.
 */
export function countOf(report: () => string, code: number | null): Count {
  let found: Report
  try {
    found = JSON.parse(report()) as Report
  } catch {
    return { passed: 0, failed: code === 0 ? 0 : 1, skipped: 0 }
  }
  const broken = found.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  )
  const failed = found.numFailedTests + broken.length
  return {
    passed: found.numPassedTests,
    failed: code !== 0 && failed === 0 ? 1 : failed,
    skipped: found.numPendingTests + found.numTodoTests,
  }
}

export const summary = ({ passed, failed, skipped }: Count): string =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
