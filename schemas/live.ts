import { z } from 'zod'

/**
 * Topics of the live feed. A connection may ask for several: `GET /v1/live?topic=runs&topic=run:run_01…`.
 *
 * - `runs`, `batches`, `approvals`, `automations`, `receipts`, `requests`, `model_batches`, `health`: the newest rows of each list, then every change
 * - `run:<id>`: the run (as one row of kind `run`), its steps, and the runs that repeat it (`rerun`)
 * - `batch:<id>`: the batch (as one row of kind `batch`) and its items, by the run that each is of
 * - `automation:<id>`: the automation, so that who draws hears that somebody else has saved
 * - `presence:<id>`: who is at an automation, one row for each screen
 * - `overview`: one row of counters; `system`: one row per process
 */
export const listTopics = [
  'runs',
  'batches',
  'approvals',
  'automations',
  'receipts',
  'requests',
  'model_batches',
  'health',
  'overview',
  'system',
] as const
export const topic = z
  .string()
  .regex(
    /^(?:runs|batches|approvals|automations|receipts|requests|model_batches|health|overview|system|run:run_[0-9a-z]{26}|batch:bat_[0-9a-z]{26}|(?:automation|presence):aut_[0-9a-z]{26})$/,
    'is not a topic',
  )
/** Topics of one line. */
export const mostTopics = 20
export type Topic = (typeof listTopics)[number] | `${'run' | 'batch' | 'automation' | 'presence'}:${string}`

/** These are told whole each time, so there is nothing to resume. */
export const isWhole = (topic: Topic): boolean =>
  topic === 'system' || topic === 'overview' || topic.startsWith('presence:')

/** A row of a topic; the client keeps rows by id. `deleted` takes it away. */
export type LiveRow = { id: string; deleted?: true } & Record<string, unknown>

/** `snapshot` replaces what the client has of the topic, `delta` upserts by id, `tick` proves the line is open. */
export type LiveMessage =
  | { event: 'snapshot' | 'delta'; topic: Topic; cursor: string; rows: LiveRow[] }
  | { event: 'tick'; at: number }

/** Longest a viewer waits without hearing a tick before it says that it is behind, in ms. */
export const tickEveryMs = 2000
