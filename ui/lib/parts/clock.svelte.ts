import { createSubscriber } from 'svelte/reactivity'

/** The time now (ms since 1970) that moves by itself where it is read, every `everyMs`; one timer per pace. */
const clocks = new Map<number, () => number>()

const clockOf = (everyMs: number): (() => number) => {
  const subscribe = createSubscriber((update) => {
    const timer = setInterval(update, everyMs)
    return () => clearInterval(timer)
  })
  return () => {
    subscribe()
    return Date.now()
  }
}

export const nowEvery = (everyMs: number): number => {
  const clock = clocks.get(everyMs) ?? clockOf(everyMs)
  clocks.set(everyMs, clock)
  return clock()
}
