import type { ColumnType, Generated } from 'kysely'

export type ProcessTable = {
  id: string
  name: string
  host: string
  pid: number
  started_at: Generated<Date>
  seen_at: Generated<Date>
  figures: ColumnType<Record<string, number>, string, string>
}

export type SystemTables = { process: ProcessTable }
