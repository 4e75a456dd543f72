import { mkdirSync, renameSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { tryLock } from '#activities/exclusive.ts'

const within = 'gateway-spool'

/** Where a process keeps its spool below the home that it shares with others; its lock ends with the process. */
export function makeSpoolFolder(home: string, name: string): { folder: string; free: () => void } {
  const all = join(home, within)
  // nobody may find it without its lock
  const hidden = join(all, `.${name}`)
  mkdirSync(hidden, { recursive: true, mode: 0o700 })
  const free = tryLock(join(hidden, 'lock'))
  if (free === undefined) throw new Error(`${hidden} is locked by somebody else`)
  const folder = join(all, name)
  renameSync(hidden, folder)
  return { folder, free }
}

/** What the dead have left, each with its name and, while it is looked at, its lock. */
export async function* leftSpools(home: string): AsyncGenerator<{ folder: string; name: string }> {
  const all = join(home, within)
  for (const name of await readdir(all).catch(() => [])) {
    if (name.startsWith('.')) continue
    const folder = join(all, name)
    let free: (() => void) | undefined
    try {
      free = tryLock(join(folder, 'lock'))
    } catch {
      // somebody was quicker, and it is gone
    }
    if (free === undefined) continue
    try {
      yield { folder, name }
    } finally {
      free()
    }
  }
}
