/** Queues by resource class: what shares a queue shares its workers. */
export const queues = { main: 'main', connectors: 'connectors', ai: 'ai' } as const
export type Queue = (typeof queues)[keyof typeof queues]

/** Workflow types by the name that stands in histories; renaming one strands the runs that carry it. */
export const workflowTypes = {
  automation: 'automation',
  runBatch: 'runBatch',
  replayTraffic: 'replayTraffic',
  modelBatch: 'modelBatch',
  training: 'trainClassifier',
  qualityGuard: 'qualityGuard',
} as const

/** Messages a run understands. */
export const messages = {
  decide: 'decide',
  control: 'control',
  deliver: 'deliver',
  hold: 'hold',
  edit: 'edit',
  passedOn: 'passedOn',
} as const

/**
 * The step a command belongs to: `node#iteration`, also the activity id and the event group id. The iteration names the
 * turns of the loops around it, outermost first: `2.3`; `0` outside of all. What is no such key is a node of its own.
 */
export const readStepKey = (key: string): { node: string; iteration: string } => {
  const match = /^(.+)#(\d+(?:\.\d+)*)$/.exec(key)
  return match?.[1] === undefined ? { node: key, iteration: '0' } : { node: match[1], iteration: match[2] as string }
}

/** Header in which a workflow and its activities get the trace they belong to; the SDK's interceptors name it so. */
export const traceHeader = '_tracer-data'

/** A span that workflow code has ended, as it leaves for the worker. Times in ms since 1970. */
export type WorkflowSpan = { name: string; span: string; parent: string; start: number; end: number; failed: boolean }
