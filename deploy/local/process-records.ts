import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { tryLock } from '#activities/exclusive.ts'
import { Problem } from './problem.ts'
import { startTimeOf } from './start-time.mjs'

type ProcessRecord = { pid: number; startTime: string; name: string; stopSignal: NodeJS.Signals }

const isAlive = ({ pid, startTime }: Pick<ProcessRecord, 'pid' | 'startTime'>): boolean =>
  startTimeOf(pid) === startTime

const read = (file: string): ProcessRecord | undefined => {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ProcessRecord
  } catch {
    return undefined
  }
}

const folderOf = (home: string): string => join(home, 'run')
const fileOf = (home: string, name: string): string => join(folderOf(home), `${name}.json`)

/** Writes down that `name` runs as `pid`, for the start after a kill of the supervisor. */
export function record(home: string, name: string, pid: number, stopSignal: NodeJS.Signals): void {
  const startTime = startTimeOf(pid)
  if (startTime === undefined) return
  mkdirSync(folderOf(home), { recursive: true })
  const file = fileOf(home, name)
  writeFileSync(`${file}.partial`, JSON.stringify({ pid, startTime, name, stopSignal } satisfies ProcessRecord))
  renameSync(`${file}.partial`, file)
}

export const forget = (home: string, name: string): void => rmSync(fileOf(home, name), { force: true })

const end = async (left: ProcessRecord): Promise<void> => {
  for (const [signal, graceMs] of [
    [left.stopSignal, 15_000],
    ['SIGKILL', 5000],
  ] as const) {
    if (!isAlive(left)) return
    process.kill(left.pid, signal)
    for (const until = Date.now() + graceMs; isAlive(left) && Date.now() < until;) await delay(20)
  }
}

/** Ends what an earlier supervisor of this home left running; gives the names. A reused pid is left alone. */
export async function endLeftovers(home: string): Promise<string[]> {
  mkdirSync(folderOf(home), { recursive: true })
  const files = readdirSync(folderOf(home)).filter((name) => name.endsWith('.json') && name !== 'supervisor.json')
  const records = files.map((name) => read(join(folderOf(home), name))).filter((found) => found !== undefined)
  const left = records.filter(isAlive)
  await Promise.all(left.map(end))
  for (const name of files) rmSync(join(folderOf(home), name), { force: true })
  return left.map((found) => found.name)
}

/** Takes the home for this process; refuses while another supervisor has it. Gives the function that frees it. */
export function lockHome(home: string): () => void {
  mkdirSync(folderOf(home), { recursive: true })
  const file = fileOf(home, 'supervisor')
  const free = tryLock(join(folderOf(home), 'lock.db'))
  if (free === undefined) {
    const what = `Auterity already runs from ${home} (process ${read(file)?.pid ?? 'just starting'}).`
    throw new Problem(what, 'Stop that one first, or set AUTERITY_HOME and AUTERITY_PORT to run beside it.')
  }
  writeFileSync(file, JSON.stringify({ pid: process.pid, startTime: startTimeOf(process.pid) }))
  return () => {
    rmSync(file, { force: true })
    free()
  }
}
