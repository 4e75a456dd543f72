import { randomUUID } from 'node:crypto'
import { chmodSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { spawn } from 'node:child_process'
import { exitOf } from './child.ts'
import { findChromium, givenChromium } from './chromium.ts'
import { endMarked } from './marked-processes.ts'
import { sentenceOf } from './problem.ts'
import { add, countOf, type Count, none, summary } from './test-count.ts'
import { type Plan, planOf, type TestFiles, withoutBrowser } from './test-plan.ts'
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
  return countOf(name, root, () => readFileSync(report, 'utf8'), code)
}

const e2e = async (wanted: string[], required: boolean): Promise<Count> => {
  if (wanted.length === 0) return none
  let chromium: string
  try {
    chromium = await findChromium(env, say)
  } catch (error) {
    return withoutBrowser(wanted, error, required, say)
  }
  return vitest('e2e', ['--config', 'vitest.e2e.config.ts', ...wanted], { AUTERITY_CHROMIUM: chromium })
}

const failed = (sentence: string): Count => ({ ...none, failed: [sentence] })

const leftRunning = async (): Promise<Count> => {
  const left = await endMarked(mark)
  if (left.length === 0 || interrupted) return none
  return failed(`the tests left processes running (ended now): ${left.join(', ')}`)
}

const args = process.argv.slice(2)
const files: TestFiles = {
  root,
  unit: globSync('**/*.test.ts', { cwd: root, exclude: ['**/node_modules', 'ui/build', '.auterity*'] }),
  e2e: globSync('test/e2e/*.e2e.ts', { cwd: root }),
}

const run = async (plan: Plan): Promise<Count> => {
  // said before minutes of tests, not after them
  if (plan.e2e.length > 0) givenChromium(env)
  let total = none
  // The house test is one of vitest's: no need to run it twice.
  if (args.length === 0) total = add(total, await verify(['house']))
  if (plan.unit) total = add(total, await vitest('unit', args))
  // Who asks for nothing else, or asks on CI, takes "skipped" for "passed".
  if (!interrupted) total = add(total, await e2e(plan.e2e, !plan.unit || env['CI'] === 'true'))
  return add(total, await leftRunning())
}

let total: Count
try {
  const plan = planOf(args, files)
  total = plan.unit || plan.e2e.length > 0 ? await run(plan) : failed(`No test file matches ${args.join(' ')}.`)
} catch (error) {
  total = failed(sentenceOf(error))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
say(summary(total))
process.exitCode = total.failed.length === 0 && !interrupted ? 0 : 1
