import { relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'

/** What came of tests and checks: how many passed and were skipped, and one line for each that failed. */
export type Count = { passed: number; failed: string[]; skipped: number }

/** What we read of the report of vitest's JSON reporter. */
type Report = {
  numPassedTests: number
  numPendingTests: number
  numTodoTests: number
  testResults: File[]
}

type File = {
  name: string
  status: string
  message?: string
  assertionResults: { status: string; fullName: string; failureMessages?: string[] }[]
}

export const none: Count = { passed: 0, failed: [], skipped: 0 }

export const add = (a: Count, b: Count): Count => ({
  passed: a.passed + b.passed,
  failed: [...a.failed, ...b.failed],
  skipped: a.skipped + b.skipped,
})

/**
 * Counts the tests of a report of vitest over files under `root`. A file that failed before its first test, and a run
 * that failed with no failing test or left no report at all, count as one failure: nothing that went wrong may read as
 * passed.
 */
export function countOf(name: string, root: string, report: () => string, code: number | null): Count {
  let found: Report
  try {
    found = JSON.parse(report()) as Report
  } catch {
    return { ...none, failed: code === 0 ? [] : [`${name}: the run ended with ${code} and left no report`] }
  }
  const failed = found.testResults.flatMap((file) => failuresOf(file, relative(root, file.name)))
  return {
    passed: found.numPassedTests,
    failed: code !== 0 && failed.length === 0 ? [`${name}: the run ended with ${code}, and no test failed`] : failed,
    skipped: found.numPendingTests + found.numTodoTests,
  }
}

function failuresOf({ status, message, assertionResults }: File, path: string): string[] {
  const failed = assertionResults.filter((test) => test.status === 'failed')
  if (failed.length > 0)
    return failed.map((test) => `${path} > ${test.fullName}: ${firstLine(test.failureMessages?.[0])}`)
  return status === 'failed' ? [`${path}: ${firstLine(message)}`] : []
}

const firstLine = (text: string | undefined): string =>
  stripVTControlCharacters(text ?? '')
    .trim()
    .split('\n', 1)[0]
    ?.slice(0, 300) ?? ''

/** What stands last, where it is looked for and where a log that is cut from the front still has it. */
export const summary = ({ passed, failed, skipped }: Count): string =>
  [
    ...failed.map((line) => `FAIL  ${line}`),
    `${passed} passed, ${failed.length} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`,
  ].join('\n')
