import type { ColumnType } from 'kysely'
import type { Definition } from '../automation/definition.ts'

export type AutomationTables = {
  automation: { id: string; tenant_id: string; handle: string; name: string; published: string | null }
  automation_version: {
    tenant_id: string
    automation_id: string
    version: string
    number: number
    definition: ColumnType<Definition, string, string>
  }
}
