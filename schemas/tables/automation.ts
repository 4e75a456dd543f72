import type { ColumnType, Generated, GeneratedAlways } from 'kysely'
import type { Definition, Json } from '../automation/definition.ts'

export type AutomationTable = {
  id: string
  tenant_id: string
  handle: string
  name: string
  description: Generated<string>
  draft: ColumnType<Definition, string, string>
  /** The content hash that the draft would be published under. */
  draft_version: string
  draft_revision: Generated<number>
  draft_saved_at: Generated<Date>
  draft_by: string
  draft_by_name: string | null
  published: string | null
  published_at: Date | null
  published_by: string | null
  published_by_name: string | null
  archived_at: Date | null
  created_at: Generated<Date>
  updated_at: Generated<Date>
  search: GeneratedAlways<string>
  changed: Generated<string>
}

export type AutomationVersionTable = {
  tenant_id: string
  automation_id: string
  version: string
  /** Null for what was only tested. */
  number: number | null
  definition: ColumnType<Definition, string, never>
  notes: Generated<string>
  made_at: Generated<Date>
  made_by: string
  made_by_name: string | null
}

/** An event from outside. */
export type ArrivalTable = {
  id: string
  tenant_id: string
  event_id: string
  type: string
  key: string
  data: ColumnType<NonNullable<Json>, string, never>
  received_at: Generated<Date>
}

export type ArrivalWaitTable = { run_id: string; step: string; tenant_id: string; type: string; key: string }

export type ArrivalDeliveryTable = {
  arrival_id: string
  run_id: string
  step: string
  tenant_id: string
  tries: Generated<number>
  next_at: Generated<Date>
}

/** Who looks at an automation right now. */
export type AutomationPresenceTable = {
  tenant_id: string
  automation_id: string
  screen: string
  user_id: string
  name: string
  node: string | null
  seen_at: Generated<Date>
}

export type StepCacheTable = {
  tenant_id: string
  automation_id: string
  node: string
  key: string
  output: ColumnType<NonNullable<Json>, string, string>
  made_by_run: string
  expires_at: Date
}

export type AutomationTables = {
  arrival: ArrivalTable
  arrival_delivery: ArrivalDeliveryTable
  arrival_wait: ArrivalWaitTable
  automation: AutomationTable
  automation_presence: AutomationPresenceTable
  automation_version: AutomationVersionTable
  step_cache: StepCacheTable
}
