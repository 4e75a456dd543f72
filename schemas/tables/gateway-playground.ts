import type { Generated } from 'kysely'

export type GatewayPlaygroundTable = {
  id: string
  tenant_id: string
  /** The person or key of the API that made it. */
  owner: string
  name: string
  models: string[]
  /** What it holds. */
  sealed: Buffer
  shared: Generated<boolean>
  revision: Generated<number>
  created_at: Generated<Date>
  changed_at: Generated<Date>
  deleted_at: Date | null
}

export type GatewayPlaygroundTables = { gateway_playground: GatewayPlaygroundTable }
