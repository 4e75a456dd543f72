import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { runToEnd } from './child.ts'
import { startTimeOf } from './start-time.mjs'

type Marked = { pid: number; name: string }

const onLinux = (mark: string): Marked[] => {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.flatMap((pid) => {
    try {
      if (!readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(mark)) return []
      return [{ pid: Number(pid), name: readFileSync(`/proc/${pid}/comm`, 'utf8').trim() }]
    } catch {
      // It has ended, or belongs to somebody else.
      return []
    }
  })
}

const elsewhere = async (mark: string): Promise<Marked[]> => {
  const { text } = await runToEnd('ps', ['-Eww', '-axo', 'pid=,command='])
  return text.split('\n').flatMap((line) => {
    const [, pid, name] = /^\s*(\d+)\s+(\S+)/.exec(line) ?? []
    return pid !== undefined && name !== undefined && line.includes(mark) ? [{ pid: Number(pid), name }] : []
  })
}

const find = async (mark: string): Promise<Marked[]> => {
  const found = process.platform === 'linux' ? onLinux(mark) : await elsewhere(mark)
  return found.filter(({ pid }) => pid !== process.pid && startTimeOf(pid) !== undefined)
}

/**
 * Ends by force every process whose environment holds `mark` (`NAME=value`), and gives their names. Those on their
 * way out get `graceMs` milliseconds first: a backend outlives its server for a moment.
 */
export async function endMarked(mark: string, graceMs = 3000): Promise<string[]> {
  const until = Date.now() + graceMs
  let left = await find(mark)
  while (left.length > 0 && Date.now() < until) {
    await delay(50)
    left = await find(mark)
  }
  for (const { pid } of left) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended just now.
    }
  }
  return left.map(({ pid, name }) => `${name} (${pid})`)
}
