import { isClosed, stands, type Run, type RunStand } from '#schemas/runs.ts'

/** How far back, in ms; `all` is without end. */
export const ranges = {
  all: { label: 'Any time', ms: undefined },
  hour: { label: 'Last hour', ms: 3_600_000 },
  day: { label: 'Last 24 hours', ms: 86_400_000 },
  week: { label: 'Last 7 days', ms: 604_800_000 },
} as const
export type Range = keyof typeof ranges

/** Real runs, tests, or both. */
export type Tests = '' | 'none' | 'only'
export const testWords: Record<Tests, string> = { '': 'Runs and tests', none: 'Real runs', only: 'Test runs' }

export type RunFilter = {
  state: RunStand | ''
  workflow: string
  text: string
  range: Range
  batch: string
  tests: Tests
}
export const noFilter: RunFilter = { state: '', workflow: '', text: '', range: 'all', batch: '', tests: '' }

export const stateWords: Record<RunStand, string> = {
  queued: 'Queued',
  running: 'Running',
  waiting: 'Waiting for a person',
  paused: 'Paused',
  stuck: 'Stuck',
  completed: 'Completed',
  failed: 'Failed',
  cancelled: 'Cancelled',
}
export const stateOptions = [
  { value: '', label: 'Any state' },
  ...Object.entries(stateWords).map(([value, label]) => ({ value, label })),
]

/** Reads the filter out of an address; what it does not know is left out. */
export const readFilter = (params: Pick<URLSearchParams, 'get'>): RunFilter => {
  const state = params.get('state') ?? ''
  const range = params.get('range') ?? 'all'
  const tests = params.get('tests') ?? ''
  return {
    state: Object.hasOwn(stateWords, state) ? (state as RunStand) : '',
    workflow: params.get('workflow') ?? '',
    text: params.get('text') ?? '',
    range: Object.hasOwn(ranges, range) ? (range as Range) : 'all',
    batch: params.get('batch') ?? '',
    tests: Object.hasOwn(testWords, tests) ? (tests as Tests) : '',
  }
}

/** The filter as the tail of an address, `''` where nothing is filtered. */
export const writeFilter = ({ range, ...rest }: RunFilter): string => {
  const given = Object.entries({ ...rest, range: range === 'all' ? '' : range }).filter(([, v]) => v)
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`
}

/** The filter as the API takes it; `now` in ms since 1970. */
export const askedOf = ({ state, workflow, text, range, batch, tests }: RunFilter, now: number) => {
  const back = ranges[range].ms
  return {
    ...(state === '' ? {} : { state }),
    ...(workflow === '' ? {} : { workflow }),
    ...(text === '' ? {} : { text }),
    ...(batch === '' ? {} : { batch }),
    ...(tests === '' ? {} : { tests }),
    ...(back === undefined ? {} : { from: new Date(now - back).toISOString() }),
  }
}

/** Does a live run belong in the list? Says the same as the API does: every word in id, workflow, title or outcome. */
export const passes = (run: Run, filter: RunFilter, now: number): boolean => {
  const { ms } = ranges[filter.range]
  if (filter.state !== '' && !stands(run, filter.state)) return false
  if (filter.workflow !== '' && run.workflow !== filter.workflow) return false
  if (filter.tests !== '' && run.test !== (filter.tests === 'only')) return false
  if (filter.batch !== '' && run.batch !== filter.batch) return false
  if (ms !== undefined && Date.parse(run.requestedAt) < now - ms) return false
  const said = [run.id, run.workflow, run.title, run.outcome ?? ''].map((part) => part.toLowerCase())
  return filter.text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => said.some((part) => part.includes(word)))
}

/** Whether it can be run again with others: it has ended, and is no part of another run. */
export const canRunAgain = (run: Run): boolean => run.closedAt !== null && run.role === 'run'

/** Whether it can be cancelled with others: it is open, and no part of another run. */
export const canCancel = (run: Run): boolean => run.closedAt === null && run.role === 'run'

/** Whether a search can find runs that have ended. */
export const findsEnded = ({ state }: RunFilter): boolean => state === '' || isClosed(state)
/** Whether a search can find runs that are open. */
export const findsOpen = ({ state }: RunFilter): boolean => state === '' || !isClosed(state)
