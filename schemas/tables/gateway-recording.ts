import type { Generated } from 'kysely'
import type { Withheld } from '../gateway/bodies.ts'
import type { RecordedOf } from '../gateway/recording.ts'

export type GatewayRecordingTable = {
  tenant_id: string
  /** Of which requests. */
  subject: Generated<RecordedOf>
  keys: Generated<string[]>
  tags: Generated<string[]>
  days: Generated<number>
  changed_at: Generated<Date>
}

export type GatewayBodyTable = {
  request_id: string
  side: 'asked' | 'answer'
  tenant_id: string
  at: Date
  expires_at: Date
  operation: string
  type: string
  /** How long all of it was. */
  bytes: string
  whole: boolean
  gathered: boolean
  withheld: Withheld | null
  /** Packed, then sealed; null where it was withheld or deleted. */
  sealed: Buffer | null
  deleted_at: Date | null
}

export type GatewayRecordingTables = { gateway_recording: GatewayRecordingTable; gateway_body: GatewayBodyTable }
