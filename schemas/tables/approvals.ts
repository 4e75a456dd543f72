import type { ColumnType, Generated } from 'kysely'
import type { JsonObject, JsonSchema } from '../automation/json.ts'
import type { ApprovalState, Assignees, Unreached } from '../approvals.ts'

export type ApprovalTable = {
  id: string
  tenant_id: string
  run_id: string
  title: string
  state: ApprovalState
  text: string
  context: ColumnType<Record<string, unknown>, string, string>
  author: string
  sandbox: boolean
  opened_at: Generated<Date>
  remind_at: Date | null
  reminded_at: Date | null
  due_at: Date
  escalated_at: Date | null
  decided_at: Date | null
  decided_by: string | null
  decided_by_name: string | null
  note: string | null
  changed: Generated<string>
  run_step: Generated<string>
  form: ColumnType<JsonSchema | null, string | null | undefined, string | null>
  filled: ColumnType<JsonObject | null, string | null | undefined, string | null>
  assignees: ColumnType<Assignees | null, string | null | undefined, string | null>
  escalate_to: ColumnType<Assignees | null, string | null | undefined, string | null>
  delegable: Generated<boolean>
  expires: Generated<boolean>
  delegated_at: Date | null
  delegated_by: string | null
  delegated_by_name: string | null
  delegated_note: string | null
  delegations: Generated<number>
  unreached: ColumnType<Record<string, Unreached>, string | undefined, string>
}

export type ApprovalTables = { approval: ApprovalTable }
