import type { ColumnType, Generated } from 'kysely'
import type { GuardKindName, Side } from '../gateway/guardrails/kind.ts'
import type { Guarding } from '../steering/actions.ts'

export type GatewayGuardrailTable = {
  id: string
  tenant_id: string
  name: string
  kind: GuardKindName
  options: ColumnType<Record<string, unknown>, string, string>
  sides: Side[]
  everywhere: Guarding | null
  created_at: Generated<Date>
  changed_at: Generated<Date>
}

/** What a guardrail did within ten minutes that began at `at`. */
export type GatewayGuardrailCountTable = {
  tenant_id: string
  guardrail_id: string
  at: Date
  looked: string
  flagged: string
  masked: string
  blocked: string
  matches: string
}

export type GatewayGuardrailTables = {
  gateway_guardrail: GatewayGuardrailTable
  gateway_guardrail_count: GatewayGuardrailCountTable
}
