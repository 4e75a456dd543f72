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

test('without a browser, end-to-end files are left out, or fail where they are what was asked for', () => {
  const said: string[] = []
  const left = withoutBrowser(['a.e2e.ts'], problem, false, (line) => said.push(line))
  expect(left).toEqual({ passed: 0, failed: [], skipped: 1 })
  expect(said).toEqual(['SKIPPED  1 end-to-end file: There is no Chromium on PATH. Install one.'])

  const missed = withoutBrowser(['a.e2e.ts', 'b.e2e.ts'], problem, true, (line) => said.push(line))
  expect(missed.failed).toEqual([
    'a.e2e.ts: There is no Chromium on PATH. Install one.',
    'b.e2e.ts: There is no Chromium on PATH. Install one.',
  ])
  expect(said).toHaveLength(1)
})
