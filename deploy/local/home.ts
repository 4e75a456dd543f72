import { randomBytes } from 'node:crypto'
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort, isFree } from './ports.ts'
import { Problem } from './problem.ts'

/** The layout of the home folder; raised when an older Auterity could no longer read it. */
const layout = 1

const defaultPort = 4700

/** With less the first start stops half-way, now in one process and now in another. */
const leastFreeMb = 100

const requireSpace = (home: string): void => {
  const { bavail, bsize } = statfsSync(home)
  const freeMb = Math.floor((bavail * bsize) / 1e6)
  if (freeMb >= leastFreeMb) return
  throw new Problem(`The disk is full (${home}: ${freeMb} MB left).`, 'Free about 1 GB and start again.')
}

const makeFolder = (home: string): void => {
  try {
    mkdirSync(home, { recursive: true })
  } catch (error) {
    // Node says ENOENT where a parent is read-only, and EEXIST where the place is taken by a file
    if (!['ENOENT', 'EEXIST', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    const next = 'Set AUTERITY_HOME to a folder that you may write to.'
    throw new Problem(`The folder ${home} cannot be made: its place is read-only, or a file.`, next, error)
  }
}

/** Makes the home folder, or refuses one that a newer Auterity laid out, or whose disk is full. */
export function openHome(home: string): void {
  makeFolder(home)
  requireSpace(home)
  const file = join(home, 'version')
  if (!existsSync(file)) writeFileSync(file, `${layout}\n`)
  const found = Number(readFileSync(file, 'utf8'))
  if (found === layout) return
  const what = `The data in ${home} has layout ${found}, and this Auterity knows ${layout}; nothing was touched.`
  throw new Problem(what, 'Start the newer version, or set AUTERITY_HOME to another folder.')
}

/** A secret kept in `<home>/<name>`: made on first use of 32 random bytes (base64), whole or not at all. */
export function secretOf(home: string, name: string): string {
  const file = join(home, name)
  if (!existsSync(file)) {
    const partial = `${file}.${process.pid}`
    writeFileSync(partial, randomBytes(32).toString('base64'), { mode: 0o600, flush: true })
    try {
      linkSync(partial, file)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    } finally {
      rmSync(partial)
    }
  }
  return readFileSync(file, 'utf8').trim()
}

export type Ports = { api: number; postgres: number; temporal: number; sandbox: number }

const remembered = (file: string): Partial<Ports> => {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Partial<Ports>
  } catch {
    return {}
  }
}

const nextFree = async (port: number): Promise<number> => ((await isFree(port)) ? port : nextFree(port + 1))

/**
 * The ports of this home, the same as last time where they are still free. `asked` is the API's port when somebody
 * chose it (then it has to be free); without, it is 4700 or the next free one.
 */
export async function choosePorts(home: string, asked: number | undefined): Promise<Ports> {
  const file = join(home, 'ports.json')
  const last = remembered(file)
  if (asked !== undefined && !(await isFree(asked))) {
    throw new Problem(`Port ${asked} is occupied.`, 'Stop what uses it, or choose another with AUTERITY_PORT.')
  }
  const api = asked ?? (await nextFree(defaultPort))
  const ports: Ports = {
    api,
    postgres: await freePort(last.postgres),
    temporal: await freePort(last.temporal),
    sandbox: await freePort(last.sandbox),
  }
  writeFileSync(`${file}.partial`, JSON.stringify(ports))
  renameSync(`${file}.partial`, file)
  return ports
}
