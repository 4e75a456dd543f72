import { randomUUID } from 'node:crypto'
import { chmodSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { spawn } from 'node:child_process'
import { exitOf } from './child.ts'
import { findChromium } from './chromium.ts'
import { endMarked } from './marked-processes.ts'
import { sentenceOf } from './problem.ts'
import { add, countOf, type Count, summary } from './test-count.ts'
import { verify } from './verify.ts'

const root = resolve(import.meta.dirname, '../..')

const say = (line: string): void => void process.stdout.write(`${line}\n`)

/** Every process of this run inherits the mark and puts its temporary files here: both are looked at in the end. */
const mark = `AUTERITY_TEST_RUN=${randomUUID()}`
const folder = mkdtempSync(join(tmpdir(), 'auterity-run-'))
chmodSync(folder, 0o711) // the user who runs PostgreSQL for root has to get through
const env = { ...process.env, TMPDIR: folder, [mark.split('=')[0] ?? '']: mark.split('=')[1] }

let interrupted = false

const vitest = async (name: string, args: string[], more: NodeJS.ProcessEnv = {}): Promise<Count> => {
  const report = join(folder, `${name}.json`)
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const command = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--passWithNoTests', ...reporters, ...args]
  const child = spawn(process.execPath, command, { cwd: root, env: { ...env, ...more }, stdio: 'inherit' })
  const stop = (): void => {
    interrupted = true
    child.kill('SIGTERM')
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)
  const { code } = await exitOf(child)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, stop)
  return countOf(() => readFileSync(report, 'utf8'), code)
}

const e2e = async (filters: string[]): Promise<Count> => {
  const files = globSync('test/e2e/*.e2e.ts', { cwd: root })
  const wanted = files.filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter)))
  if (wanted.length === 0) return { passed: 0, failed: 0, skipped: 0 }
  try {
    const chromium = await findChromium(env, say)
    return await vitest('e2e', ['--config', 'vitest.e2e.config.ts', ...wanted], { AUTERITY_CHROMIUM: chromium })
  } catch (error) {
    const inCi = env['CI'] === 'true'
    say(`${inCi ? 'FAIL' : 'SKIPPED'}  ${wanted.length} end-to-end files: ${sentenceOf(error)}`)
    return { passed: 0, failed: inCi ? wanted.length : 0, skipped: inCi ? 0 : wanted.length }
  }
}

const leftRunning = async (): Promise<Count> => {
  const left = await endMarked(mark)
  if (left.length > 0) say(`FAIL  the tests left processes running (ended now): ${left.join(', ')}`)
  return { passed: 0, failed: left.length > 0 && !interrupted ? 1 : 0, skipped: 0 }
}

const filters = process.argv.slice(2)
let total: Count = { passed: 0, failed: 0, skipped: 0 }
try {
  // The house test is one of vitest's: no need to run it twice.
  if (filters.length === 0) total = add(total, { ...(await verify(['house'])), skipped: 0 })
  const onlyE2e = filters.length > 0 && filters.every((filter) => filter.includes('e2e'))
  if (!onlyE2e) total = add(total, await vitest('unit', filters))
  if (!interrupted) total = add(total, await e2e(filters))
  total = add(total, await leftRunning())
} finally {
  rmSync(folder, { recursive: true, force: true })
}
if (filters.length > 0 && total.passed + total.failed + total.skipped === 0) {
  say(`No test file matches ${filters.join(' ')}.`)
  total = add(total, { passed: 0, failed: 1, skipped: 0 })
}
say(summary(total))
process.exitCode = total.failed === 0 && !interrupted ? 0 : 1
