import type { Batch, BatchBecame, BatchFilter, BatchHow, BatchProgress } from '#schemas/runs-batches.ts'
import type { Reply } from '#ui/lib/call.ts'
import { counted } from '#ui/lib/parts/count.ts'
import { stateWords } from '../filter.ts'

/** How many runs a batch would work through, and the first of them. */
export type Counted = Reply<'POST /v1/batches/preview'>

/** `1 run`, `3,000 runs`. */
export const runsText = (count: number): string => counted(count, 'run')

/** About how long something lasts, as one would say it; takes ms. */
export const aboutText = (ms: number): string => {
  if (ms < 50_000) return 'less than a minute'
  const minutes = Math.max(1, Math.round(ms / 60_000))
  if (minutes < 60) return `about ${counted(minutes, 'minute')}`
  if (minutes >= 2880) return `about ${counted(Math.round(minutes / 1440), 'day')}`
  const rest = minutes % 60
  return `about ${counted(Math.floor(minutes / 60), 'hour')}${rest === 0 ? '' : ` ${counted(rest, 'minute')}`}`
}

const momentText = (at: string): string =>
  new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' }).format(Date.parse(at))

/** The search that a batch was made from: `failed runs of lead-response with “dms”, asked for before …`. */
export const searchText = (act: Batch['act'], filter: BatchFilter): string => {
  const { state, workflow, text, batch, tests, runs, from, to } = filter
  if (runs !== undefined) return `${runsText(runs.length)} picked one by one`
  const which = state === undefined ? (act === 'rerun' ? 'ended' : 'open') : stateWords[state].toLowerCase()
  const times = [
    ...(from === undefined ? [] : [`from ${momentText(from)}`]),
    ...(to === undefined ? [] : [`until ${momentText(to)}`]),
  ]
  const kind = tests === 'only' ? 'test runs' : 'runs'
  return [
    state === 'waiting' ? `${kind} waiting for a person` : `${which} ${kind}`,
    ...(tests === 'none' ? ['without tests'] : []),
    ...(workflow === undefined ? [] : [`of ${workflow}`]),
    ...(text === undefined ? [] : [`with “${text}”`]),
    ...(batch === undefined ? [] : [`made by batch …${batch.slice(-8)}`]),
    ...(times.length === 0 ? [] : [`asked for ${times.join(' ')}`]),
  ].join(' ')
}

export const howText = ({ from, version, again, input }: BatchHow): string =>
  [
    typeof from === 'object'
      ? `From “${from.node}”`
      : from === 'failure'
        ? 'From the step that failed'
        : 'From the start',
    versionText(version),
    ...(input === undefined ? [] : ['with another input']),
    ...(again ? ['also those that had been run again'] : []),
  ].join(', ')

const versionText = (version: BatchHow['version']): string => {
  if (version === 'same') return 'each by the version it had'
  return version === 'published' ? 'by the version that was live then' : 'all by one earlier version'
}

/** What a batch does, as its title. */
export const titleOf = ({ act, total }: Pick<Batch, 'act' | 'total'>): string =>
  act === 'rerun' ? `Run ${runsText(total)} again` : `Cancel ${runsText(total)}`

export type Share = {
  id: 'completed' | 'open' | 'failed' | 'cancelled' | 'refused' | 'left'
  title: string
  count: number
  bar: string
}

/** Into what the runs of a batch divide by now, in the order of the bar. */
export const sharesOf = (batch: Batch, progress: BatchProgress): Share[] => {
  const left = { running: 'Waiting', cancelled: 'Left as they were', completed: 'Fitted no more' }[batch.state]
  return [
    { id: 'completed', title: 'Completed', count: progress.completed, bar: 'bg-completed' },
    { id: 'open', title: 'Open', count: progress.open, bar: 'bg-running' },
    {
      id: 'failed',
      title: batch.act === 'rerun' ? 'Failed again' : 'Failed',
      count: progress.failed,
      bar: 'bg-failed',
    },
    { id: 'cancelled', title: 'Cancelled', count: progress.cancelled, bar: 'bg-cancelled' },
    { id: 'refused', title: 'Refused', count: batch.refused, bar: 'bg-retrying' },
    { id: 'left', title: left, count: leftOf(batch), bar: 'bg-line-strong' },
  ]
}

/** Those that a batch has not taken. */
export const leftOf = ({ total, done, refused }: Pick<Batch, 'total' | 'done' | 'refused'>): number =>
  Math.max(0, total - done - refused)

export type BatchOutcome = { word: string; tone: 'running' | 'failed' | 'retrying' | 'cancelled' | 'completed' }

/** What a batch has come to, in a few words: not that it took its runs, but what became of them. */
export const outcomeOf = (batch: Batch, became: BatchBecame): BatchOutcome => {
  if (batch.state === 'running') return { word: 'Running', tone: 'running' }
  const said = (count: number, word: string): string[] => (count === 0 ? [] : [`${count.toLocaleString('en')} ${word}`])
  const { open, failed, completed, cancelled } = became
  const word = [
    ...said(failed, 'failed'),
    ...said(open, 'still open'),
    ...said(batch.refused, 'refused'),
    ...(batch.act === 'rerun' ? said(cancelled, 'cancelled') : said(completed, 'completed before')),
  ].join(', ')
  if (batch.state === 'cancelled') return { word: word === '' ? 'Stopped' : `Stopped, ${word}`, tone: 'cancelled' }
  if (failed > 0) return { word, tone: 'failed' }
  if (open > 0) return { word, tone: 'running' }
  if (word !== '') return { word, tone: 'retrying' }
  return { word: batch.act === 'rerun' ? 'All completed' : 'All cancelled', tone: 'completed' }
}
