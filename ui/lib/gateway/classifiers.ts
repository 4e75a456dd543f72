import type { Classifier } from '#schemas/gateway/classifiers.ts'
import type { BadgeTone } from '../parts/Badge.svelte'

/** How a classifier stands, in a word. */
export const stateOf = ({ state, inForce }: Classifier): { text: string; tone: BadgeTone } => {
  if (inForce !== null) return { text: 'in force', tone: 'completed' }
  if (state === 'training') return { text: 'training', tone: 'running' }
  return state === 'failed' ? { text: 'failed', tone: 'failed' } : { text: 'ready', tone: 'plain' }
}

/** A share as a percentage with one decimal at the most. */
export const percent = (share: number): string => `${Number((100 * share).toFixed(1))} %`

/** What a rule says that sends easy prompts to another route. */
export const ruleOf = (route: string): string =>
  `- id: easy-prompts\n  when: prompt.suffices\n  decide: { downgrade: ${route} }`

/** Points of a line over a plot that begins at `from`: what lies below is not shown. */
export const pointsOf = (
  values: readonly number[],
  x: (share: number) => number,
  y: (value: number) => number,
): string => values.map((value, n) => `${x(n / (values.length - 1)).toFixed(1)},${y(value).toFixed(1)}`).join(' ')
