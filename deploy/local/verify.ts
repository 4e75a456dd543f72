import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { runToEnd } from './child.ts'

const root = resolve(import.meta.dirname, '../..')

type Check = { name: string; command: string; args: string[]; needs?: string }

const checks: Check[] = [
  { name: 'format', command: 'oxfmt', args: ['--check'] },
  { name: 'lint', command: 'oxlint', args: [] },
  { name: 'types', command: 'tsc', args: [] },
  { name: 'ui types', command: 'svelte-check', args: ['--tsconfig', 'ui/tsconfig.json'], needs: 'ui/tsconfig.json' },
  { name: 'unused', command: 'knip', args: [] },
  { name: 'house', command: 'vitest', args: ['run', 'test/house.test.ts'], needs: 'test/house.test.ts' },
]

const passes = async ({ name, command, args }: Check): Promise<boolean> => {
  const began = performance.now()
  const { code, text } = await runToEnd(join(root, 'node_modules/.bin', command), args, { cwd: root })
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  process.stdout.write(`${code === 0 ? 'pass' : 'FAIL'}  ${name} (${seconds} s)\n${code === 0 ? '' : `${text}\n`}`)
  return code === 0
}

/** Two at a time: more would only wait for each other on two cores. */
const waiting = checks.filter((check) => check.needs === undefined || existsSync(join(root, check.needs)))
const lane = async (): Promise<boolean> => {
  let good = true
  for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) good = (await passes(check)) && good
  return good
}
const lanes = await Promise.all([lane(), lane()])
process.exitCode = lanes.every(Boolean) ? 0 : 1
