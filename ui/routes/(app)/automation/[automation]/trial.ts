import type { JsonObject } from '#schemas/automation/json.ts'
import type { Walked } from '#ui/lib/automation/walked.ts'

/** What is to be run: the live version, or the draft, whole or in part. */
export type Trial = {
  live: boolean
  until?: string
  only?: string
  /** Outputs that stand in for the steps before. */
  pins?: JsonObject
}

/** What each step gave in the run that is shown, for a test of one step alone. */
export const outputsOf = (walked: Walked | undefined, but: string): JsonObject =>
  Object.fromEntries(
    [...(walked?.nodes.values() ?? [])]
      .filter((one) => one.node !== but && one.iteration === '0' && one.ports.length > 0 && one.failure === null)
      .map((one) => [one.node, one.output as JsonObject[string]]),
  )
