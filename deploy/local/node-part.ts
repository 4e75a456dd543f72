import { spawn } from 'node:child_process'
import { closeSync, fstatSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { giveUp, lastSaid } from './answers.ts'
import { endChild, exitOf } from './child.ts'
import { Problem } from './problem.ts'
import type { Part } from './supervisor.ts'

export type NodePart = { name: string; script: string; home: string; env: Record<string, string>; limitMs?: number }

/** Lines of a log in which an error is looked for: a stack is shorter. */
const lookedAt = 50
/** Node prints an error that nobody caught between the line of code that threw it and the stack. */
const uncaught = /^\w*Error(?: \[\w+\])?: ([^]+?)\n\s+at /m

/** The message of the error that a process died of, where there was one. */
const lastWords = (logFile: string, offset: number): string | undefined =>
  uncaught.exec(lastSaid(logFile, offset, lookedAt))?.[1]

/**
 * A part that is a TypeScript file run by this Node. It is ready when it sends its first message over IPC, and
 * has to exit when the channel closes: then the supervisor is gone. Its output goes to `<home>/logs/<name>.log`.
 */
export const nodePart = ({ name, script, home, env, limitMs = 120_000 }: NodePart): Part => ({
  name,
  stopSignal: 'SIGTERM',
  start: async (spawned) => {
    mkdirSync(join(home, 'logs'), { recursive: true })
    const logFile = join(home, 'logs', `${name}.log`)
    const log = openSync(logFile, 'a', 0o600)
    const offset = fstatSync(log).size
    const child = spawn(process.execPath, [script], {
      // the second start of a process reads its compiled code from here
      env: { NODE_COMPILE_CACHE: join(home, 'compile-cache'), ...process.env, ...env },
      detached: true, // Ctrl-C in a terminal reaches the whole group; the supervisor stops it in its turn
      stdio: ['ignore', log, log, 'ipc'],
    })
    closeSync(log)
    if (child.pid !== undefined) spawned(child.pid)
    const exited = exitOf(child)
    const ready = new Promise<'ready'>((resolve) => child.once('message', () => resolve('ready')))
    const late = new AbortController()
    const silent = delay(limitMs, 'silent' as const, { signal: late.signal }).catch(() => 'silent' as const)
    const outcome = await Promise.race([ready, exited, silent])
    late.abort()
    if (outcome === 'silent') await giveUp(child, { name: `The process ${name}`, logFile, offset, limitMs })
    if (outcome !== 'ready') {
      const words = lastWords(logFile, offset) ?? `${lastSaid(logFile, offset)}\n`
      throw new Problem(`The process ${name} ended before it was ready: ${words}`, `See ${logFile}.`)
    }
    return {
      pid: child.pid ?? 0,
      exited,
      stop: () => endChild(child, 'SIGTERM', 15_000),
      lastWords: () => lastWords(logFile, offset),
    }
  },
})
