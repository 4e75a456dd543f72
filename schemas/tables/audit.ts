import type { ColumnType, Generated } from 'kysely'

export type EventTable = {
  xid: Generated<string>
  position: Generated<string>
  id: string
  tenant_id: string
  stream_type: string
  stream: string
  version: number
  type: string
  schema_version: number
  actor_kind: string
  actor_id: string
  actor_name: string | null
  correlation: string | null
  causation: string | null
  at: Generated<Date>
  data: ColumnType<Record<string, unknown>, string, never>
}

export type AuditTables = { event: EventTable }
