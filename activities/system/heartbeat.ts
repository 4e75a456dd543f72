import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { withSystem, type Databases } from '#activities/database.ts'
import { forgetProcess, reportProcess } from './store.ts'

/** How often a process says that it lives, in ms. */
export const beatEvery = 2_000

/**
 * Lets a process say every two seconds that it lives, with its figures. Gives the function that says goodbye. A
 * database that is away is no reason to worry anybody: the next beat tells.
 */
export function beat(
  db: Databases,
  name: string,
  figures: () => Record<string, number> = () => ({}),
): () => Promise<void> {
  const id = randomUUID()
  const say = () =>
    withSystem(db, (tx) =>
      reportProcess(tx, { id, name, host: hostname(), pid: process.pid, figures: figures() }),
    ).catch(() => {})
  void say()
  const timer = setInterval(() => void say(), beatEvery)
  return async () => {
    clearInterval(timer)
    await withSystem(db, (tx) => forgetProcess(tx, id)).catch(() => {})
  }
}
