import type { NodeOver, Times } from '../overlay.ts'

/** How each state of a node is said. */
export const stateWords = {
  running: 'Running',
  retrying: 'Retrying',
  waiting: 'Waiting',
  timed: 'Waiting',
  listening: 'Listening',
  completed: 'Done',
  failed: 'Failed',
  skipped: 'Skipped',
  stopped: 'Stopped',
  seeded: 'Taken over',
  disabled: 'Off',
} as const satisfies Record<NonNullable<NodeOver['state']>, string>

/** In which order it is said how often a node came to what: what wants to be looked at first. */
const saidFirst = ['failed', 'waiting', 'running', 'stopped', 'skipped', 'seeded', 'disabled', 'completed'] as const

/** How often a node came to what, in the order in which it is said. */
export const timesOf = (times: Times): { state: (typeof saidFirst)[number]; count: number }[] =>
  saidFirst.flatMap((state) => {
    const count = times[state]
    return count === undefined ? [] : [{ state, count }]
  })

export const timesInWords = (times: Times): string =>
  timesOf(times)
    .map(({ state, count }) => `${count.toLocaleString('en')} ${stateWords[state].toLowerCase()}`)
    .join(', ')
