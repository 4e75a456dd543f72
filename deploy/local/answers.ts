import { type ChildProcess } from 'node:child_process'
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { endChild } from './child.ts'
import { Problem } from './problem.ts'

/** As much of the end of a log as is looked at, in bytes: a log may be longer than our memory. */
const most = 64 * 1024

/** The last lines of a log that were written after `offset` bytes. */
export const lastSaid = (logFile: string, offset: number, lines = 5): string => {
  const log = openSync(logFile, 'r')
  try {
    const { size } = fstatSync(log)
    const end = Buffer.alloc(Math.min(most, Math.max(0, size - offset)))
    readSync(log, end, 0, end.length, size - end.length)
    const said = end.toString().trim().split('\n').slice(-lines).join('\n')
    return said === '' ? 'it said nothing' : said
  } finally {
    closeSync(log)
  }
}

export type Patience = { name: string; logFile: string; offset: number; limitMs: number }

/** Ends a server that never answered, and says what it last said. */
export const giveUp = async (child: ChildProcess, { name, logFile, offset, limitMs }: Patience): Promise<never> => {
  await endChild(child, 'SIGTERM', 5000)
  const what = `${name} did not answer within ${limitMs / 1000} s. It last said:\n${lastSaid(logFile, offset)}\n`
  throw new Problem(what, `Start again; see ${logFile} when it comes back.`)
}

/** Asks until an answer comes: true. False once the process has ended; throws `Problem` after `limitMs`. */
export async function answers(child: ChildProcess, ask: () => Promise<void>, patience: Patience): Promise<boolean> {
  const until = performance.now() + patience.limitMs
  while (child.exitCode === null && child.signalCode === null) {
    try {
      await ask()
      return true
    } catch (error) {
      if (error instanceof Problem) throw error
      if (performance.now() > until) return giveUp(child, patience)
      await delay(50)
    }
  }
  return false
}
