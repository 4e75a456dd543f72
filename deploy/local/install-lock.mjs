// One install at a time in a clone. Plain JavaScript: it runs before anything is installed, on any Node >= 20.
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { startTimeOf } from './start-time.mjs'

const nameOf = (pid) => `${pid} ${startTimeOf(pid)}`

const isAlive = (name) => {
  const [pid, startTime] = name.split(' ')
  return startTime !== undefined && startTimeOf(pid) === startTime
}

const read = (file) => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

/** Takes the lock whole or not at all (a link appears with its content); false while somebody else has it. */
const take = (lock) => {
  const mine = `${lock}.${process.pid}`
  try {
    writeFileSync(mine, nameOf(process.pid))
    linkSync(mine, lock)
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
    return false
  } finally {
    rmSync(mine, { force: true })
  }
}

/** The npm of a start that was killed goes on by itself: two of them in one folder would spoil it. */
const endLeftover = async (name) => {
  while (isAlive(name)) {
    try {
      process.kill(Number.parseInt(name, 10), 'SIGKILL')
    } catch {}
    await delay(20)
  }
}

/** Waits for the lock, and calls `told` once if it has to wait. What a killed owner left is ended and taken away. */
export const lockInstall = async (lock, told) => {
  for (let waited = false; !take(lock); await delay(200)) {
    const [owner, worker] = read(lock)?.split('\n') ?? []
    if (owner && !isAlive(owner)) {
      if (worker) await endLeftover(worker)
      const taken = `${lock}.dead-${process.pid}`
      // Of several that find it dead, one moves it away.
      try {
        renameSync(lock, taken)
      } catch {}
      rmSync(taken, { force: true })
    } else if (!waited) {
      waited = true
      told()
    }
  }
}

/** Notes in the lock which process does the work, for whoever comes after a kill of its owner. */
export const noteWorker = (lock, pid) => {
  const next = `${lock}.${process.pid}`
  writeFileSync(next, `${nameOf(process.pid)}\n${nameOf(pid)}`)
  renameSync(next, lock)
}
