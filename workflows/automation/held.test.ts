import { expect, test } from 'vitest'
import type { AutomationEnd, Edited, Holding } from '#schemas/automation/run.ts'
import { Held } from './held.ts'

const by = { id: 'usr_1', name: 'Priya' }
const holding = (on: boolean): Holding => ({ on, by })
const edited = (count: number): Edited => ({ edits: {}, count, by })
const ended: AutomationEnd = { run: 'run_2', outcome: null, output: null }
/** Lets all happen that waits for nothing else. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve))

/** A run that is begun and ends when it is told to; `heard` is what it is told, each word once the one before was taken. */
const childOf = () => {
  const [begun, over] = [Promise.withResolvers<void>(), Promise.withResolvers<AutomationEnd>()]
  const heard: string[] = []
  const taking: PromiseWithResolvers<void>[] = []
  const signal = (name: unknown, ...[what]: unknown[]): Promise<void> => {
    const { on, count } = what as Partial<Holding & Edited>
    heard.push(`${String(name)} ${on ?? count}`)
    const taken = Promise.withResolvers<void>()
    taking.push(taken)
    return taken.promise
  }
  return {
    heard,
    over,
    begin: async () => {
      await begun.promise
      return { signal, result: () => over.promise }
    },
    begun: async () => {
      begun.resolve()
      await settle()
    },
    takes: async () => {
      taking.shift()?.resolve()
      await settle()
    },
    isAway: async () => {
      taking.shift()?.reject(new Error('It has ended.'))
      await settle()
    },
  }
}

test('what is told while a run is being begun is told once it has, and what was told before is not', async () => {
  const held = new Held()
  const child = childOf()
  held.tell(holding(false))
  const first = held.over(child.begin, null)
  await child.begun()
  expect(child.heard).toEqual([])
  const late = childOf()
  const second = held.over(late.begin, null)
  held.tell(holding(true))
  expect([child.heard, late.heard]).toEqual([['hold true'], []])
  await late.begun()
  expect(late.heard).toEqual(['hold true'])
  child.over.resolve(ended)
  late.over.resolve(ended)
  expect(await Promise.all([first, second])).toEqual([ended, ended])
})

test('a page hears of what was changed since it was given the variables, and a subflow of nothing', async () => {
  const held = new Held()
  const [knows, misses, sub] = [childOf(), childOf(), childOf()]
  const all = [held.over(knows.begin, { heard: 2 }), held.over(misses.begin, { heard: 1 }), held.over(sub.begin, null)]
  held.edit(edited(2))
  for (const child of [knows, misses, sub]) await child.begun()
  expect([knows.heard, misses.heard, sub.heard]).toEqual([[], ['edit 2'], []])
  held.edit(edited(3))
  expect([knows.heard, sub.heard]).toEqual([['edit 3'], []])
  for (const child of [knows, misses, sub]) child.over.resolve(ended)
  await Promise.all(all)
})

test('it is told one thing after the other, and what is overtaken is left out', async () => {
  const held = new Held()
  const child = childOf()
  const ending = held.over(child.begin, null)
  await child.begun()
  held.tell(holding(true))
  held.tell(holding(false))
  held.tell(holding(true))
  held.tell(holding(false))
  expect(child.heard).toEqual(['hold true'])
  await child.takes()
  expect(child.heard).toEqual(['hold true', 'hold false'])
  await child.takes()
  expect(child.heard).toHaveLength(2)
  held.tell(holding(true))
  expect(child.heard).toHaveLength(3)
  child.over.resolve(ended)
  await ending
})

test('one that cannot be told holds up nobody, and one that has ended is told nothing more', async () => {
  const held = new Held()
  const [gone, other] = [childOf(), childOf()]
  const all = [held.over(gone.begin, null), held.over(other.begin, null)]
  await gone.begun()
  await other.begun()
  held.tell(holding(true))
  await gone.isAway()
  held.tell(holding(false))
  await other.takes()
  expect([gone.heard, other.heard]).toEqual([
    ['hold true', 'hold false'],
    ['hold true', 'hold false'],
  ])
  gone.over.resolve(ended)
  await settle()
  held.tell(holding(true))
  await other.takes()
  expect([gone.heard.length, other.heard.length]).toEqual([2, 3])
  other.over.resolve(ended)
  await Promise.all(all)
})
