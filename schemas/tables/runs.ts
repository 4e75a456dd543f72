import type { ColumnType, Generated, GeneratedAlways } from 'kysely'
import type { Gate } from '../automation/gate.ts'
import type { RunOptions } from '../automation/run.ts'
import type { Actor } from '../audit.ts'
import type { Batch, BatchFilter, BatchHow } from '../runs-batches.ts'
import type { RunFailure, RunRole, RunState, RunStuck } from '../runs.ts'

type Json<T> = ColumnType<T | null, string | null, string | null>

export type RunRequestTable = {
  run_id: string
  tenant_id: string
  workflow: string
  input: ColumnType<Record<string, unknown>, string, never>
  receipt_id: string | null
  rerun_of: string | null
  requested_by: string
  traceparent: string | null
  requested_at: Generated<Date>
  tries: Generated<number>
  next_at: Generated<Date>
  started_at: Date | null
  refused: string | null
  automation_id: string | null
  version: string | null
  origin: string | null
  options: ColumnType<RunOptions, string | undefined, string>
  /** What it has to pass before it starts, shared by all runs of its automation with the same key. */
  gate: string | null
  gate_policy: Gate['policy'] | null
  gate_limit: Generated<number>
  admitted_at: Date | null
  /** When Temporal is to be told to cancel it, for a newer run. */
  stop_at: Date | null
}

export type RunTable = {
  id: string
  tenant_id: string
  workflow: string
  title: string
  phase: Exclude<RunState, 'waiting'>
  approval_id: string | null
  state: GeneratedAlways<RunState>
  outcome: string | null
  receipt_id: string | null
  rerun_of: string | null
  sandbox: Generated<boolean>
  requested_at: Generated<Date>
  started_at: Date | null
  closed_at: Date | null
  failure: Json<RunFailure>
  temporal_run_id: string | null
  last_event_id: Generated<number>
  projected_at: Date | null
  search: GeneratedAlways<string>
  changed: Generated<string>
  automation_id: string | null
  version: string | null
  version_number: number | null
  parent_run: string | null
  role: Generated<RunRole>
  test: Generated<boolean>
  /** Somebody holds it back; of a run that has ended it says nothing. */
  paused: Generated<boolean>
  waits_for: string | null
  retention_days: number | null
  /** The run whose failure it follows. */
  follows: string | null
  /** The batch that it was made by. */
  batch_id: string | null
  /** Its code fails again and again: since when, and why. */
  stuck: Json<RunStuck>
  /** The newer run that it gave way to. */
  superseded_by: string | null
}

export type StepTable = {
  tenant_id: string
  run_id: string
  head_event: number
  node: string
  iteration: string
  kind: string
  type: string
  title: string
  activity_id: string | null
  state: string
  scheduled_at: Date
  started_at: Date | null
  closed_at: Date | null
  attempts: Generated<number>
  events: number[]
  summary: string | null
  preview: string | null
  failure: Json<RunFailure>
  changed: Generated<string>
  /** What of its node it does, where that is more than one thing. */
  part: string | null
  /** Who passed it over. */
  skipped_by: string | null
}

export type StepAttemptTable = {
  tenant_id: string
  run_id: string
  activity_id: string
  n: number
  started_at: Date
  ended_at: Date | null
  outcome: 'running' | 'completed' | 'failed' | 'cancelled'
  message: string | null
  progress: string | null
  worker: string | null
  changed: Generated<string>
}

export type RunHistoryTable = {
  run_id: string
  tenant_id: string
  events: number
  body: Buffer
  stored_at: Generated<Date>
}

export type RunPayloadTable = {
  tenant_id: string
  run_id: string
  hash: string
  body: Buffer
  kept_at: Generated<Date>
}

export type RunSetAsideTable = {
  run_id: string
  tenant_id: string
  error: string
  tries: Generated<number>
  since: Generated<Date>
  next_at: Date
}

export type RunBatchTable = {
  id: string
  tenant_id: string
  act: Batch['act']
  filter: ColumnType<BatchFilter, string, never>
  how: ColumnType<BatchHow, string, never>
  per_minute: number
  state: Generated<Batch['state']>
  total: number
  done: Generated<number>
  refused: Generated<number>
  /** The run that it took last. */
  cursor: Generated<string>
  /** The newest run that was there when it began. */
  last_run: string
  asked_by: string
  asked_by_kind: Actor['kind']
  asked_by_name: string | null
  started_at: Date | null
  next_at: Generated<Date>
  created_at: Generated<Date>
  closed_at: Date | null
  note: string | null
  changed: Generated<string>
}

export type RunBatchItemTable = {
  batch_id: string
  run_id: string
  tenant_id: string
  new_run: string | null
  refused: string | null
  changed: Generated<string>
}

export type RunTables = {
  run_batch: RunBatchTable
  run_batch_item: RunBatchItemTable
  run_history: RunHistoryTable
  run_payload: RunPayloadTable
  run_request: RunRequestTable
  run_set_aside: RunSetAsideTable
  run: RunTable
  step: StepTable
  step_attempt: StepAttemptTable
}
