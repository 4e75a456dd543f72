import type { Overview, ProcessRow } from '#schemas/system.ts'
import { plugs, whenDown, type ProcessName } from '#schemas/system-plugs.ts'

/** How the state of a process is said and drawn. */
export const processLooks: Record<ProcessRow['state'], { word: string; dot: string; ink: string }> = {
  up: { word: 'Up', dot: 'bg-completed', ink: 'text-completed' },
  starting: { word: 'Starting', dot: 'bg-running animate-beat', ink: 'text-running' },
  down: { word: 'Down', dot: 'bg-failed', ink: 'text-failed' },
  pulled: { word: 'Plug pulled', dot: 'bg-failed', ink: 'text-failed' },
  backing_off: { word: 'Restarting', dot: 'bg-retrying animate-beat', ink: 'text-retrying' },
  unknown: { word: 'Not known yet', dot: 'bg-cancelled', ink: 'text-cancelled' },
}

/** From the ground up: what the others stand on comes first. */
const order = Object.keys(plugs)
const rank = (row: ProcessRow): number => (order.includes(row.name) ? order.indexOf(row.name) : order.length)

export const byPlug = (a: ProcessRow, b: ProcessRow): number => rank(a) - rank(b) || a.id.localeCompare(b.id)

const purposes: Record<ProcessName, string> = {
  postgres: 'Keeps every receipt, run and decision.',
  temporal: 'Keeps each run and says what happens next.',
  sandbox: 'The pretend CRM, DMS, mail system and model.',
  worker: 'Carries out the steps of each run.',
  projector: 'Turns histories into what you see here.',
  api: 'Answers this page and the webhooks.',
}
const isPlug = (name: string): name is ProcessName => name in plugs

/** What a process is for, in a sentence. */
export const purposeOf = (name: string): string => (isPlug(name) ? purposes[name] : '')

/** What has not been asked yet is not away. */
export const isAway = ({ state }: Pick<ProcessRow, 'state'>): boolean => state !== 'up' && state !== 'unknown'

/** What waits, and what is still safe, while it is away. */
export const waitsFor = (process: Pick<ProcessRow, 'name' | 'waits'>): string =>
  process.waits ?? (isPlug(process.name) ? whenDown[process.name] : '')

type Counted = Pick<Overview, 'running' | 'inbox'>

/** What of this tenant stands still while a process is away; the others either stop nothing or leave nobody to count. */
const standsStill: Partial<Record<ProcessName, (now: Counted) => Partial<Counted>>> = {
  temporal: (now) => now,
  sandbox: ({ running }) => ({ running }),
  worker: (now) => now,
  projector: ({ inbox }) => ({ inbox }),
}

const some = (count: number, noun: string): string => `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`

/** How many runs and leads wait for a process that is away; undefined where that cannot be said. */
export const countOf = (name: string, now: Counted | undefined): string | undefined => {
  const counted = isPlug(name) && now !== undefined ? standsStill[name]?.(now) : undefined
  if (counted === undefined) return undefined
  const { running = 0, inbox = 0 } = counted
  if (running + inbox === 0) return 'Nothing waits for it yet.'
  const parts = [
    ...(running > 0 ? [`${some(running, 'run')} on the way`] : []),
    ...(inbox > 0 ? [`${some(inbox, 'lead')} not started`] : []),
  ]
  return `Now waiting: ${parts.join(', ')}.`
}

/** The rows as last known, while nobody answers: what does not answer is the API itself. */
export const withoutApi = (rows: readonly ProcessRow[]): ProcessRow[] =>
  rows.map((row) => (row.name === 'api' ? { ...row, state: 'down', waits: whenDown.api } : row))
