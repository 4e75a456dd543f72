import { lstatSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startTimeOf } from './start-time.mjs'

/** Puts the data at `place`, in a `room` outside the home, where the home looks for it; the room remembers whose it is. */
export function link(room: string, place: string, data: string): void {
  symlinkSync(place, data)
  writeFileSync(join(room, 'home'), data)
}

const readOr = <T>(work: () => T): T | undefined => {
  try {
    return work()
  } catch {
    return undefined
  }
}

const isServed = (place: string): boolean => {
  const [pid] = readOr(() => readFileSync(join(place, 'postmaster.pid'), 'utf8').split('\n')) ?? []
  return pid !== undefined && startTimeOf(Number(pid)) !== undefined
}

/** Whether the home that a room was made for is gone or has its data elsewhere, and no server runs on the room. */
const isOrphan = (room: string): boolean => {
  const data = readOr(() => readFileSync(join(room, 'home'), 'utf8'))
  if (data === undefined) return false
  const place = join(room, 'postgres')
  const isUsed = readOr(() => lstatSync(data)) !== undefined && readOr(() => realpathSync(data)) === realpathSync(place)
  return !isUsed && !isServed(place)
}

/** Removes the data of homes that somebody has deleted: a home that is gone cannot say so itself. */
export function removeOrphans(folder: string): void {
  for (const name of readdirSync(folder)) {
    const room = join(folder, name)
    if (name.startsWith('data-') && readOr(() => isOrphan(room)) === true)
      rmSync(room, { recursive: true, force: true })
  }
}
