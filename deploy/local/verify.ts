import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { runToEnd } from './child.ts'
import { type Count, none } from './test-count.ts'

const root = resolve(import.meta.dirname, '../..')

type Check = { name: string; command: string; args: string[]; needs?: string }

const checks: Check[] = [
  { name: 'format', command: 'oxfmt', args: ['--check'] },
  { name: 'lint', command: 'oxlint', args: ['--deny-warnings'] },
  { name: 'types', command: 'tsc', args: [] },
  { name: 'ui types', command: 'svelte-check', args: ['--tsconfig', 'ui/tsconfig.json'], needs: 'ui/tsconfig.json' },
  { name: 'unused', command: 'knip', args: [] },
  { name: 'house', command: 'vitest', args: ['run', '--project', 'house'] },
]

const passes = async ({ name, command, args }: Check): Promise<boolean> => {
  const began = performance.now()
  const { code, text } = await runToEnd(join(root, 'node_modules/.bin', command), args, { cwd: root })
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  process.stdout.write(`${code === 0 ? 'pass' : 'FAIL'}  ${name} (${seconds} s)\n${code === 0 ? '' : `${text}\n`}`)
  return code === 0
}

/** Runs the checks that need no database, apart from those named in `without`. */
export async function verify(without: string[] = []): Promise<Count> {
  const waiting = checks.filter(
    ({ name, needs }) => !without.includes(name) && (needs === undefined || existsSync(join(root, needs))),
  )
  const count: Count = { ...none, failed: [] }
  // Writes the configuration that ui/tsconfig.json extends; lint and types both read it.
  await runToEnd(join(root, 'node_modules/.bin/svelte-kit'), ['sync'], { cwd: root })
  const lane = async (): Promise<void> => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift())
      if (await passes(check)) count.passed++
      else count.failed.push(`${check.name}: see its report above`)
  }
  // Two at a time: more would only wait for each other on two cores.
  await Promise.all([lane(), lane()])
  return count
}

if (import.meta.main) process.exitCode = (await verify()).failed.length === 0 ? 0 : 1
