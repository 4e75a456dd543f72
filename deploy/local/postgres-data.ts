import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { type RunOptions, runToEnd } from './child.ts'
import { type PostgresUser, sharedFolder } from './postgres-binaries.ts'
import { Problem } from './problem.ts'
import { link, removeOrphans } from './postgres-orphans.ts'

const major = '18'

const canEnter = async (folder: string, user: PostgresUser): Promise<boolean> =>
  user === undefined || (await runToEnd('test', ['-x', folder], { ...user, cwd: '/' })).code === 0

/** A folder for the data that the user can enter: home itself, or one of our own when root's folders are closed. */
const roomFor = async (home: string, user: PostgresUser): Promise<string> => {
  if (await canEnter(home, user)) return home
  mkdirSync(sharedFolder, { recursive: true, mode: 0o755 })
  removeOrphans(sharedFolder)
  const room = mkdtempSync(join(sharedFolder, 'data-'))
  chmodSync(room, 0o711)
  return room
}

const checkVersion = (data: string): void => {
  const found = readFileSync(join(data, 'PG_VERSION'), 'utf8').trim()
  if (found === major) return
  const what = `The data in ${data} belongs to PostgreSQL ${found}, and this is ${major}; nothing was touched.`
  throw new Problem(what, `Use the release that made it, or set AUTERITY_HOME to another folder.`)
}

type DataOptions = { user: PostgresUser; password: string } & Pick<RunOptions, 'spawned' | 'signal'>

const partialName = 'initdb-'

/** The home is ours alone: what lies half-made in it was left by a start that was killed. */
const removePartial = (home: string): void => {
  const left = readdirSync(home).filter((name) => name.startsWith(partialName))
  for (const name of left) rmSync(join(home, name), { recursive: true, force: true })
}

/**
 * The data folder `<home>/postgres`, made by initdb on first use: in a folder beside it and renamed when whole, so
 * that a kill half-way leaves nothing that looks ready.
 */
export async function postgresData(
  home: string,
  native: string,
  { user, password, ...run }: DataOptions,
): Promise<string> {
  const data = join(home, 'postgres')
  removePartial(home)
  if (existsSync(join(data, 'PG_VERSION'))) {
    checkVersion(data)
    return realpathSync(data)
  }
  if (lstatSync(data, { throwIfNoEntry: false })) {
    throw new Problem(`${data} is there but holds no database.`, 'Move it away and start again.')
  }
  const room = await roomFor(home, user)
  const partial = mkdtempSync(join(room, partialName))
  try {
    const passwordFile = join(partial, 'password')
    writeFileSync(passwordFile, password, { mode: 0o600 })
    if (user) for (const path of [partial, passwordFile]) chownSync(path, user.uid, user.gid)
    const made = join(partial, 'data')
    const args = ['-D', made, '-U', 'postgres', `--pwfile=${passwordFile}`, '-A', 'scram-sha-256', '-E', 'UTF8']
    args.push('--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--data-checksums')
    const { code, text } = await runToEnd(join(native, 'bin/initdb'), args, { ...user, ...run, cwd: '/' })
    if (code !== 0) throw initdbProblem(text)
    const place = room === home ? data : join(room, 'postgres')
    renameSync(made, place)
    if (place !== data) link(room, place, data)
  } finally {
    rmSync(partial, { recursive: true, force: true })
  }
  return realpathSync(data)
}

const initdbProblem = (text: string): Problem =>
  text.includes('No space left')
    ? new Problem('The disk is full.', 'Free some space (about 1 GB is needed) and start again.')
    : new Problem(`The database could not be set up: ${text.trim()}`, 'Check that AUTERITY_HOME may be written to.')
