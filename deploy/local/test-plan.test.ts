import { expect, test } from 'vitest'
import { Problem } from './problem.ts'
import { planOf, withoutBrowser } from './test-plan.ts'

const files = {
  root: '/clone',
  unit: ['api/access.test.ts', 'test/house.test.ts'],
  e2e: ['test/e2e/access.e2e.ts', 'test/e2e/leads.e2e.ts'],
}

test.each([
  ['all', [], true, files.e2e],
  ['end-to-end files alone', ['e2e/leads'], false, ['test/e2e/leads.e2e.ts']],
  ['both kinds', ['access'], true, ['test/e2e/access.e2e.ts']],
  ['any of several', ['house', 'leads'], true, ['test/e2e/leads.e2e.ts']],
  ['whole paths', ['/clone/test/e2e/leads.e2e.ts'], false, ['test/e2e/leads.e2e.ts']],
  ['paths as a shell completes them', ['./api/access.test.ts'], true, []],
  ['any case of letters', ['Access.Test'], true, []],
  ['tests by name', ['-t', 'leads'], true, []],
  ['nothing that is there', ['nosuchfile'], false, []],
])('%s: %j', (_, args, unit, e2e) => {
  expect(planOf(args, files)).toEqual({ unit, e2e })
})

const problem = new Problem('There is no Chromium on PATH.', 'Install one.')

test('without a browser, end-to-end files are left out by name, or fail where they are what was asked for', () => {
  expect(withoutBrowser(1, problem, false)).toEqual({
    line: 'SKIPPED  1 end-to-end file: There is no Chromium on PATH. Install one.',
    count: { passed: 0, failed: 0, skipped: 1 },
  })
  expect(withoutBrowser(7, problem, true)).toEqual({
    line: 'FAIL  7 end-to-end files: There is no Chromium on PATH. Install one.',
    count: { passed: 0, failed: 7, skipped: 0 },
  })
})
