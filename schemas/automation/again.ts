import type { Retry } from './definition.ts'
import { durationMs } from './duration.ts'
import type { Failing } from './failure.ts'

/** How often a node is tried that is tried as a whole, unless it says. */
const usual = 3
/** What a further try would come to as well. */
const forGood: ReadonlySet<string> = new Set([
  'not_found',
  'not_published',
  'input_invalid',
  'subflow_too_deep',
  'not_available',
])

/** How long a node that is tried as a whole waits after a try that failed, in ms; null where that was the last. */
export function pauseAfter(retry: Retry | undefined, tries: number, { code }: Failing): number | null {
  if (retry === undefined || forGood.has(code) || retry.not?.includes(code) === true) return null
  const { attempts = usual, factor = 2 } = retry
  if (attempts !== 0 && tries >= attempts) return null
  const first = durationMs(retry.first) ?? 1000
  return Math.min(first * factor ** (tries - 1), Math.max(durationMs(retry.most) ?? 60_000, first))
}
