import { CarriedOn, Stopped } from '../failure.ts'
import type { Body, Branch } from '../kind.ts'

export type Ended<K> = { key: K; body: Body } | { key: K; error: unknown }

/**
 * Takes what branches come to, in the order in which they end, until `took` says that it is enough; then stops the
 * others and waits for them to end. What is to go on in a fresh history is thrown as `CarriedOn` once all are quiet.
 *
 * It listens to each branch once. A race of all that are left, again for each that ends, would be some 10,000 promises
 * for a loop of 100 items, and the SDK notes the stack of every promise in a workflow.
 */
export function gather<K>(
  branches: Map<K, Branch>,
  took: (ended: Ended<K>) => 'enough' | 'more' | Map<K, Branch>,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const open = new Map<K, Branch>()
  let carriedOn = false
  let close: (() => void) | null = null

  const stopAll = (then: () => void) => {
    close = then
    for (const branch of Array.from(open.values())) branch.stop()
  }
  const add = (more: Map<K, Branch>) => {
    for (const [key, branch] of more) {
      open.set(key, branch)
      branch.done.then(
        (body) => heed({ key, body }),
        (error: unknown) => heed({ key, error }),
      )
    }
  }
  const judge = (ended: Ended<K>) => {
    if ('error' in ended && ended.error instanceof Stopped) return stopAll(() => reject(ended.error))
    try {
      const verdict = took(ended)
      if (verdict === 'enough') stopAll(resolve)
      else if (verdict !== 'more') add(verdict)
    } catch (error) {
      stopAll(() => reject(error))
    }
  }
  const heed = (ended: Ended<K>) => {
    open.delete(ended.key)
    if (close === null) {
      if ('error' in ended && ended.error instanceof CarriedOn) carriedOn = true
      else judge(ended)
    }
    finish()
  }
  const finish = () => {
    if (open.size > 0) return
    if (close !== null) close()
    else if (carriedOn) reject(new CarriedOn())
    else resolve()
  }

  add(branches)
  finish()
  return promise
}
