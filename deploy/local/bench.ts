import { spawn } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import setup from '#test/harness/setup.ts'
import { exitOf } from './child.ts'

const root = resolve(import.meta.dirname, '../..')
const names = globSync('test/bench/*.bench.ts', { cwd: root }).map((file) => basename(file, '.bench.ts'))

/** `npm run bench -- NAME [args]`: runs one benchmark on real servers; it prints one JSON line per figure. */
const [name = '', ...args] = process.argv.slice(2)
const file = join(root, 'test/bench', `${name}.bench.ts`)
if (!existsSync(file)) {
  process.stderr.write(
    `There is no benchmark ${name === '' ? 'without a name' : `called ${name}`}. There are: ${names.toSorted().join(', ')}.\n`,
  )
  process.exitCode = 1
} else {
  const teardown = await setup()
  try {
    const child = spawn(process.execPath, [file, ...args], { cwd: root, stdio: 'inherit' })
    process.exitCode = (await exitOf(child)).code ?? 1
  } finally {
    await teardown()
  }
}
