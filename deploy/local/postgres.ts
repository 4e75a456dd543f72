import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Client } from 'pg'
import { answers } from './answers.ts'
import { type Exit, endChild, exitOf } from './child.ts'
import { freePort } from './ports.ts'
import { type PostgresUser, postgresBinaries } from './postgres-binaries.ts'
import { postgresData } from './postgres-data.ts'
import { Problem } from './problem.ts'

export type Postgres = { url: string; port: number; pid: number; exited: Promise<Exit>; stop(): Promise<void> }
export type PostgresOptions = {
  home: string
  port?: number
  password: string
  log?: (line: string) => void
  spawned?: (pid: number) => void
  signal?: AbortSignal
}

const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  shared_buffers: '128MB',
  max_connections: '200',
  max_wal_size: '1GB',
  checkpoint_timeout: '15min',
  wal_compression: 'on',
  idle_in_transaction_session_timeout: '5min',
}

/** PostgreSQL refuses to run as root: somebody without rights does it instead. */
const unprivileged = (): PostgresUser => {
  if (process.getuid?.() !== 0) return undefined
  for (const name of ['postgres', 'nobody']) {
    try {
      const id = (flag: string) => Number(execFileSync('id', [flag, name], { stdio: ['ignore', 'pipe', 'ignore'] }))
      return { uid: id('-u'), gid: id('-g') }
    } catch {
      continue
    }
  }
  const what = 'PostgreSQL refuses to run as root, and there is no user "postgres" or "nobody" to run it.'
  throw new Problem(what, 'Create one, or start as an ordinary user.')
}

const connect = async (port: number, password: string, database: string): Promise<Client> => {
  const at = { host: '127.0.0.1', port, user: 'postgres', password, database, ssl: false }
  const client = new Client({ ...at, connectionTimeoutMillis: 2000, query_timeout: 10_000 })
  client.on('error', () => {})
  await client.connect()
  return client
}

const ensureDatabase = async (port: number, password: string): Promise<void> => {
  const client = await connect(port, password, 'postgres')
  try {
    const { rowCount } = await client.query(`select from pg_database where datname = 'auterity'`)
    if (rowCount === 0) await client.query('create database auterity')
  } finally {
    await client.end()
  }
}

const wrongPassword = new Problem(
  'The database was made with another password.',
  'Put back <home>/postgres-password, or set AUTERITY_HOME to another folder.',
)

/** Crash recovery of a large database takes minutes, and is no reason to give up. */
const limitMs = 300_000

const answersAt = (child: ChildProcess, port: number, password: string, logFile: string, offset: number) =>
  answers(
    child,
    async () => {
      try {
        await ensureDatabase(port, password)
      } catch (error) {
        if ((error as { code?: string }).code !== '28P01') throw error
        await endChild(child, 'SIGINT', 15_000)
        throw wrongPassword
      }
    },
    { name: 'PostgreSQL', logFile, offset, limitMs },
  )

const launch = (data: string, native: string, user: PostgresUser, port: number, logFile: string) => {
  const log = openSync(logFile, 'a', 0o600)
  const offset = fstatSync(log).size
  const args = Object.entries({ ...settings, port: String(port) }).flatMap(([key, value]) => ['-c', `${key}=${value}`])
  try {
    const child = spawn(join(native, 'bin/postgres'), ['-D', data, ...args], {
      ...user,
      cwd: '/',
      detached: true, // Ctrl-C in a terminal reaches the whole group; the supervisor stops it in its turn
      stdio: ['ignore', log, log],
    })
    return { child, offset, said: () => readFileSync(logFile).subarray(offset).toString() }
  } finally {
    closeSync(log)
  }
}

const failure = (said: string, data: string, port: number, logFile: string): Problem => {
  if (said.includes('lock file "postmaster.pid" already exists')) {
    return new Problem(
      `PostgreSQL is already running on ${data}.`,
      'Stop that one first, or set another AUTERITY_HOME.',
    )
  }
  if (said.includes('Address already in use')) {
    return new Problem(`Port ${port} is occupied.`, 'Stop what uses it, or choose another port.')
  }
  if (said.includes('No space left')) {
    return new Problem('The disk is full.', 'Free some space (about 1 GB is needed) and start again.')
  }
  const reason = /FATAL:\s*(.+)/.exec(said)?.[1] ?? 'it said nothing'
  return new Problem(`PostgreSQL did not start: ${reason}.`, `See ${logFile}.`)
}

/**
 * Runs PostgreSQL 18 on 127.0.0.1 with its data in `<home>/postgres`, and makes the database `auterity`. `port` is
 * a free one unless given; `password` is the superuser's. Throws `Problem` with a sentence for the reader.
 */
export async function startPostgres({
  home,
  password,
  log,
  spawned,
  signal,
  ...options
}: PostgresOptions): Promise<Postgres> {
  const root = resolve(home)
  const logFile = join(root, 'logs/postgres.log')
  mkdirSync(join(root, 'logs'), { recursive: true })
  const user = unprivileged()
  const native = await postgresBinaries(user)
  const data = await postgresData(root, native, { user, password, spawned, signal })
  const port = options.port ?? (await freePort())
  for (let attempt = 1; ; attempt++) {
    const { child, offset, said } = launch(data, native, user, port, logFile)
    if (child.pid !== undefined) spawned?.(child.pid)
    if (await answersAt(child, port, password, logFile, offset)) {
      log?.(`PostgreSQL listens on 127.0.0.1:${port}`)
      const url = `postgres://postgres:${encodeURIComponent(password)}@127.0.0.1:${port}/auterity`
      const stop = () => endChild(child, 'SIGINT', 15_000)
      return { url, port, pid: child.pid ?? 0, exited: exitOf(child), stop }
    }
    // Backends outlive a killed server for a moment and still hold its shared memory.
    if (attempt === 50 || !said().includes('still in use')) throw failure(said(), data, port, logFile)
    await delay(200)
  }
}
