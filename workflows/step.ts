import { createEventGroup, proxyActivities, type ActivityOptions } from '@temporalio/workflow'
import type { Activities } from '#activities/index.ts'
import { stepKey } from '#temporal/names.ts'

export type StepOptions = ActivityOptions & {
  /** The node on the picture; all events of the step carry it, with the iteration, as their group. */
  node: string
  iteration?: number
  /** What the timeline calls the step. */
  title: string
  /** A short argument behind the title; no personal data, summaries are readable in Temporal. */
  about?: string
}

/** Runs one activity as a step of the timeline: event group, activity id and summary all name its node. */
export const step = <K extends keyof Activities>(
  activity: K,
  { node, iteration = 0, title, about, ...options }: StepOptions,
  input: Parameters<Activities[K]>[0],
): Promise<Awaited<ReturnType<Activities[K]>>> => {
  const key = stepKey(node, iteration)
  const run = proxyActivities<Activities>({
    ...options,
    activityId: `${key}:${activity}`,
    summary: about === undefined ? title : `${title} · ${about}`,
  })[activity] as (input: Parameters<Activities[K]>[0]) => Promise<Awaited<ReturnType<Activities[K]>>>
  return createEventGroup(title, { id: key }).withScope(() => run(input))
}

/** Everything that happens inside belongs to one node of the timeline. */
export const inNode = <T>(node: string, title: string, work: () => Promise<T>, iteration = 0): Promise<T> =>
  createEventGroup(title, { id: stepKey(node, iteration) }).withScope(work)
