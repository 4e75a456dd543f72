import { existsSync, globSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fingerprint } from './fingerprint.ts'

const sources = ['workflows/**/*', 'schemas/**/*', 'temporal/**/*', 'workers/bundle.ts', 'package-lock.json']

/**
 * The file with the workflow bundle of the sources as they stand, kept in `home`: a worker starts in half the time with
 * it. `write` makes it where it is not there; those of older sources go.
 */
export async function buildBundle(root: string, home: string, write: (file: string) => Promise<void>): Promise<string> {
  const file = join(home, `workflows-${fingerprint(root, sources).slice(0, 16)}.js`)
  if (!existsSync(file)) {
    await write(file)
    for (const one of globSync('workflows-*.js', { cwd: home }))
      if (join(home, one) !== file) rmSync(join(home, one), { force: true })
  }
  return file
}
