import { join } from 'node:path'
import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { runToEnd } from './child.ts'

/** `npm test` as somebody has it who did not set what this run of it sets. */
const npmTest = (args: string[], env: NodeJS.ProcessEnv) =>
  runToEnd(process.execPath, [join(import.meta.dirname, 'test.ts'), ...args], {
    env: { ...process.env, CI: '', AUTERITY_CHROMIUM: '', ...env },
  })

test('a file that is not there is said so, and nothing else', async () => {
  const { code, text } = await npmTest(['no-such-file'], {})
  expect(text).toBe('FAIL  No test file matches no-such-file.\n0 passed, 1 failed\n')
  expect(code).toBe(1)
})

test.each([['/no/such/browser'], [tmpdir()]])('AUTERITY_CHROMIUM=%s is told before any test runs', async (chromium) => {
  const { code, text } = await npmTest(['access'], { AUTERITY_CHROMIUM: chromium })
  expect(text).toBe(
    `FAIL  AUTERITY_CHROMIUM is ${chromium}, and that is no program that can be run. Correct it, or unset it.\n0 passed, 1 failed\n`,
  )
  expect(code).toBe(1)
})

test('who asks for end-to-end tests alone, where there is no Chromium, is not told that all is well', async () => {
  const { code, text } = await npmTest(['e2e/leads'], { PATH: tmpdir() })
  expect(text).toMatch(/^FAIL {2}test\/e2e\/leads\.e2e\.ts: There is no Chromium on PATH\. .*\n0 passed, 1 failed\n$/)
  expect(code).toBe(1)
})
