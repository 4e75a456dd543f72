import type { QualityFigures, QualityInterval, QualitySample } from '#schemas/gateway/quality/index.ts'
import type { BadgeTone } from '../parts/Badge.svelte'
import { percent } from './classifiers.ts'

/** The two ends of an interval, as a person says them. */
export const betweenText = ({ low, high }: QualityInterval): string => `${percent(low)} to ${percent(high)}`

export const belowWords = { tell: 'It is told', withdraw: 'The rule is taken out of force' } as const

export const armWords = {
  routed: 'sent to the cheaper model',
  kept: 'left at the model that was asked for',
} as const

/** What came of a sample, in a word. */
export const cameOf = ({
  state,
  verdict,
  flipped,
}: Pick<QualitySample, 'state' | 'verdict' | 'flipped'>): { text: string; tone: BadgeTone } => {
  if (verdict === 'win') return { text: 'cheaper was better', tone: 'completed' }
  if (verdict === 'loss') return { text: 'cheaper was worse', tone: 'failed' }
  if (verdict === 'tie') return { text: flipped ? 'turned with the order' : 'as good', tone: 'plain' }
  if (state === 'waiting') return { text: 'to be judged', tone: 'running' }
  if (state === 'unread') return { text: 'verdict unreadable', tone: 'retrying' }
  return state === 'failed' ? { text: 'not compared', tone: 'waiting' } : { text: 'let go', tone: 'cancelled' }
}

/** Which of the two answers is shown first: drawn by the id, so that nobody can guess it and it stays so. */
export const isCheapFirst = (id: string): boolean => (id.codePointAt(id.length - 1) ?? 0) % 2 === 0

/** The scale of a plot of shares near 1: from a round one below all that is drawn up to 1. */
export function leastShown(points: QualityFigures['points'], bound: number): number {
  const drawn = points.flatMap(({ kept, byChance }) => [kept?.low ?? 1, byChance?.value ?? 1])
  return Math.max(0, Math.floor(10 * Math.min(...drawn, bound)) / 10)
}
