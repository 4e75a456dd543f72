import { CarriedOn, Stopped } from '../failure.ts'
import type { Body, Branch } from '../kind.ts'

export type Ended<K> = { key: K; body: Body } | { key: K; error: unknown }

/**
 * Takes what branches come to, in the order in which they end, until `took` says that it is enough; then stops the
 * others and waits for them to end. What is to go on in a fresh history is thrown as `CarriedOn` once all are quiet.
 */
export async function gather<K>(
  branches: Map<K, Branch>,
  took: (ended: Ended<K>) => 'enough' | 'more' | Map<K, Branch>,
): Promise<void> {
  const left = new Map<K, Promise<Ended<K>>>()
  const add = (more: Map<K, Branch>) => {
    for (const [key, { done }] of more) {
      left.set(
        key,
        done.then(
          (body) => ({ key, body }),
          (error: unknown) => ({ key, error }),
        ),
      )
    }
  }
  const all = new Map(branches)
  add(branches)
  let carriedOn = false
  const stopAll = async () => {
    for (const key of left.keys()) all.get(key)?.stop()
    await Promise.all(left.values())
  }
  while (left.size > 0) {
    const ended = await Promise.race(left.values())
    left.delete(ended.key)
    if ('error' in ended && ended.error instanceof CarriedOn) {
      carriedOn = true
      continue
    }
    if ('error' in ended && ended.error instanceof Stopped) {
      await stopAll()
      throw ended.error
    }
    let verdict: ReturnType<typeof took>
    try {
      verdict = took(ended)
    } catch (error) {
      await stopAll()
      throw error
    }
    if (verdict === 'enough') return stopAll()
    if (verdict !== 'more') {
      for (const [key, branch] of verdict) all.set(key, branch)
      add(verdict)
    }
  }
  if (carriedOn) throw new CarriedOn()
}
