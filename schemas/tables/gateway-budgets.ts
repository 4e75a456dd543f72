import type { Generated } from 'kysely'
import type { Per, SubjectKind, Unit } from '../gateway/budgets.ts'

export type GatewayBudgetTable = {
  id: string
  tenant_id: string
  name: string
  subject_kind: SubjectKind
  /** Empty for the tenant; a tag as `name=value`. */
  subject: string
  unit: Unit
  zone: string
  created_at: Generated<Date>
  changed_at: Generated<Date>
}

export type GatewayBudgetLimitTable = { tenant_id: string; budget_id: string; per: Per; amount: string }

export type GatewayBudgetWindowTable = {
  tenant_id: string
  budget_id: string
  per: Per
  starts_at: Date
  ends_at: Date | null
  spent: Generated<string>
}

export type GatewayBudgetPointTable = {
  tenant_id: string
  budget_id: string
  per: Per
  starts_at: Date
  at: Date
  spent: string
}

export type GatewayBudgetHolderTable = { id: string; beat_at: Date }

export type GatewayBudgetLeaseTable = {
  tenant_id: string
  budget_id: string
  per: Per
  starts_at: Date
  holder_id: string
  amount: string
}

export type GatewayPriceTable = {
  id: string
  tenant_id: string
  /** The name of a provider. */
  provider: string
  model: string
  since: Date
  /** In billionths of a US dollar for a million tokens. */
  input_nano: string
  cached_nano: string
  output_nano: string
  created_at: Generated<Date>
}

export type GatewayBudgetTables = {
  gateway_budget: GatewayBudgetTable
  gateway_budget_limit: GatewayBudgetLimitTable
  gateway_budget_window: GatewayBudgetWindowTable
  gateway_budget_point: GatewayBudgetPointTable
  gateway_budget_holder: GatewayBudgetHolderTable
  gateway_budget_lease: GatewayBudgetLeaseTable
  gateway_price: GatewayPriceTable
}
