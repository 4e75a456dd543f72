import { createHash } from 'node:crypto'
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runToEnd } from './child.ts'
import { Problem } from './problem.ts'

const sources = ['ui/**/*', 'schemas/**/*', 'vite.config.ts', 'package-lock.json']

const fingerprint = (root: string): string => {
  const hash = createHash('sha256')
  const files = globSync(sources, { cwd: root, exclude: ['ui/build/**'], withFileTypes: true })
  const paths = files.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name))
  for (const path of paths.sort()) hash.update(path.slice(root.length)).update('\0').update(readFileSync(path))
  return hash.digest('hex')
}

/** Builds the UI into ui/build when its sources changed since the last build; does nothing where there is no UI. */
export async function buildUi(root: string, log: (line: string) => void): Promise<void> {
  if (!existsSync(join(root, 'vite.config.ts'))) return
  const stamp = join(root, 'ui/build/.sources')
  const wanted = fingerprint(root)
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  log('building the user interface')
  const vite = join(root, 'node_modules/vite/bin/vite.js')
  // Whoever asks may be a test: what is built is what people get.
  const env = { ...process.env, NODE_ENV: 'production' }
  const { code, text } = await runToEnd(process.execPath, [vite, 'build'], { cwd: root, env })
  if (code !== 0) throw new Problem(`The user interface could not be built:\n${text}\n`, 'Run `npm run verify`.')
  writeFileSync(stamp, wanted)
}
