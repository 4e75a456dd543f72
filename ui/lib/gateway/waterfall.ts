import type { ModelRequest, StepName } from '#schemas/gateway/requests.ts'
import { failureText } from './words.ts'

type Timed = Pick<ModelRequest, 'attempts' | 'steps' | 'totalMs' | 'firstByteMs' | 'overheadMs' | 'outcome'>

/** A stretch of a request: what it is, where it lies in percent of the whole, and from when to when it was, in ms. */
export type Stretch = {
  what: 'ours' | 'connecting' | 'waiting' | 'answering' | 'failed'
  left: number
  width: number
  from: number
  until: number
}
/** A line of the plot: a step of ours, or somebody who was asked. Times in ms from the arrival of the request. */
export type Line = {
  title: string
  /** How it went, in a few words. */
  about: string
  failed: boolean
  at: number
  ms: number
  stretches: Stretch[]
}
export type Waterfall = { lines: Line[]; wholeMs: number; overheadMs: number }

const stepWords: Record<StepName, { title: string; about: string }> = {
  read: { title: 'Read', about: 'until it was here and its key known' },
  rules: { title: 'Steering', about: 'rules looked at it' },
  guardrails: { title: 'Guardrails', about: 'looked at what is asked' },
  cache: { title: 'Response cache', about: 'looked up' },
  budget: { title: 'Budget', about: 'what it may cost was reserved' },
}

/** A percentage of at most 100; of nothing it is nothing. */
const percent = (part: number, whole: number): number =>
  whole > 0 ? Math.min(100, Math.max(0, (part / whole) * 100)) : 0

/** Where the time of a request went: what we did and who was asked, in the order in which it began. */
export const waterfall = ({ attempts, steps, totalMs, firstByteMs, overheadMs, outcome }: Timed): Waterfall => {
  const arrival = Math.min(0, ...steps.map(({ at }) => at))
  const wholeMs = totalMs - arrival
  const stretch = (what: Stretch['what'], from: number, until: number): Stretch => {
    const left = percent(from - arrival, wholeMs)
    const width = Math.max(0, percent(until - arrival, wholeMs) - left)
    return { what, left, width, from: from - arrival, until: until - arrival }
  }
  const ours = steps.map(({ step, at, ms }): Line => {
    const stretches = [stretch('ours', at, at + ms)]
    return { ...stepWords[step], failed: false, at: at - arrival, ms, stretches }
  })
  const asked = attempts.map((attempt): Line => {
    const { provider, model, failure = outcome === 'cut' ? 'cut' : undefined, marked, at, ms } = attempt
    const answers = attempt.failure === undefined
    const end = at + ms
    const connected = Math.min(end, at + (attempt.connectMs ?? 0))
    // of one that failed the first byte may have come too, of its refusal
    const told = answers ? (firstByteMs ?? attempt.firstByteMs) : attempt.firstByteMs
    const heard = told !== undefined && told >= connected && told <= end ? told : undefined
    const stretches = [
      ...(connected > at ? [stretch('connecting', at, connected)] : []),
      stretch(answers || heard !== undefined ? 'waiting' : 'failed', connected, heard ?? end),
      ...(heard === undefined ? [] : [stretch(failure === undefined ? 'answering' : 'failed', heard, end)]),
    ]
    const went = outcome === 'cancelled' ? 'was answering' : 'answered'
    const about = failure === undefined ? `${went}${marked ? ', its prompt marked' : ''}` : failureText(failure)
    return { title: `${provider}/${model}`, about, failed: failure !== undefined, at: at - arrival, ms, stretches }
  })
  return { lines: [...ours, ...asked].toSorted((a, b) => a.at - b.at), wholeMs, overheadMs }
}
