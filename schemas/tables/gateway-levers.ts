import type { Generated } from 'kysely'

export type GatewayLeversTable = {
  tenant_id: string
  marks: Generated<boolean>
  trims: Generated<boolean>
  changed_at: Generated<Date>
}

export type GatewayLeverTables = { gateway_levers: GatewayLeversTable }
