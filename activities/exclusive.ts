import { DatabaseSync } from 'node:sqlite'
import { setTimeout as delay } from 'node:timers/promises'

/** SQLITE_BUSY: somebody else has the lock. */
const busy = 5

/**
 * Takes the lock `file`, and gives the function that frees it; undefined while another process has it. The lock is
 * the operating system's, on a file (SQLite's way of taking it): it ends with its process, however that ends.
 */
export function tryLock(file: string): (() => void) | undefined {
  const lock = new DatabaseSync(file, { timeout: 0 })
  try {
    lock.exec('begin exclusive')
    return () => lock.close()
  } catch (error) {
    lock.close()
    if ((error as { errcode?: number }).errcode !== busy) throw error
    return undefined
  }
}

/** Does `work` while no other process does; calls `waiting` once if another does now. Rejects when told to stop. */
export async function exclusively<T>(
  file: string,
  work: () => Promise<T>,
  { signal, waiting }: { signal?: AbortSignal | undefined; waiting?: () => void } = {},
): Promise<T> {
  let free = tryLock(file)
  if (free === undefined) waiting?.()
  for (; free === undefined; free = tryLock(file)) await delay(100, undefined, { ...(signal && { signal }) })
  try {
    return await work()
  } finally {
    free()
  }
}
