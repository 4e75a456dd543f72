import type { ColumnType, Generated } from 'kysely'
import type { Tally } from '../steering/tally.ts'

export type SteeringPolicyTable = {
  id: string
  tenant_id: string
  /** As the newest draft that could be read says. */
  name: string
  description: Generated<string>
  draft: string
  /** The content hash that the draft would be published under. */
  draft_version: string
  draft_revision: Generated<number>
  draft_saved_at: Generated<Date>
  draft_by: string
  draft_by_name: string | null
  archived_at: Date | null
  created_at: Generated<Date>
  updated_at: Generated<Date>
}

export type SteeringVersionTable = {
  tenant_id: string
  policy_id: string
  version: string
  number: number
  text: string
  /** How many rules it has. */
  rules: number
  notes: string
  made_at: Generated<Date>
  made_by: string
  made_by_name: string | null
}

export type SteeringPublicationTable = {
  tenant_id: string
  policy_id: string
  /** Whom it is published for: a virtual key, or `everybody`. */
  scope: string
  version: string
  at: Date
  by: string
  by_name: string | null
}

export type SteeringReplayTable = {
  id: string
  tenant_id: string
  policy_id: string
  /** What it is tried with: a draft may change meanwhile. */
  text: string
  number: number | null
  revision: number | null
  from_at: Date
  to_at: Date
  state: Generated<'running' | 'completed' | 'cancelled'>
  total: number
  done: Generated<number>
  /** The request up to which it is done. */
  cursor: string
  tally: ColumnType<Tally | null, string | null, string>
  asked_by: string
  asked_by_name: string | null
  /** When Temporal was told of it, and until then when it is told again. */
  started_at: Date | null
  next_at: Generated<Date>
  created_at: Generated<Date>
  closed_at: Date | null
}

export type SteeringTables = {
  steering_replay: SteeringReplayTable
  steering_policy: SteeringPolicyTable
  steering_version: SteeringVersionTable
  steering_publication: SteeringPublicationTable
}
