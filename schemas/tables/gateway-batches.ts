import type { ColumnType, Generated } from 'kysely'
import type { Actor } from '../audit.ts'
import type { LineProblem } from '../gateway/batch-lines.ts'
import type { ModelBatchState } from '../gateway/batches.ts'

export type GatewayFileTable = {
  id: string
  tenant_id: string
  /** Whose it is; null where somebody has sent it who is signed in. */
  key_id: string | null
  name: string
  purpose: string
  bytes: ColumnType<string, number | undefined, number>
  ready: Generated<boolean>
  /** The batch of which it is what that has come to. */
  batch_id: string | null
  created_at: Generated<Date>
  expires_at: Date
}

export type GatewayFilePartTable = { file_id: string; n: number; tenant_id: string; sealed: Buffer }

export type GatewayBatchTable = {
  id: string
  tenant_id: string
  key_id: string | null
  wire: 'chat' | 'messages'
  endpoint: string
  name: string | null
  file_id: string | null
  metadata: ColumnType<Record<string, string> | null, string | null, never>
  /** Headers that go along to a provider of the same wire. */
  along: ColumnType<Record<string, string>, string, never>
  state: ModelBatchState
  total: Generated<number>
  succeeded: Generated<number>
  errored: Generated<number>
  canceled: Generated<number>
  expired: Generated<number>
  problems: ColumnType<LineProblem[] | null, string | null, string | null>
  output_file: string | null
  error_file: string | null
  asked_by: string
  asked_by_kind: Actor['kind']
  asked_by_name: string | null
  started_at: Date | null
  next_at: Generated<Date>
  created_at: Generated<Date>
  running_at: Date | null
  cancelling_at: Date | null
  closed_at: Date | null
  expires_at: Date
  changed: Generated<string>
}

export type GatewayBatchLineTable = {
  batch_id: string
  n: number
  tenant_id: string
  custom_id: string
  /** The body, sealed; null once it is answered. */
  asked: Buffer | null
  state: Generated<'waiting' | 'succeeded' | 'errored' | 'canceled' | 'expired'>
  claim: string | null
  tries: Generated<number>
  next_at: Generated<Date>
  status: number | null
  request_id: string | null
  /** The answer as it came, sealed. */
  answer: Buffer | null
  /** Of its line in the file that it stands in. */
  bytes: Generated<number>
}

export type GatewayBatchTables = {
  gateway_file: GatewayFileTable
  gateway_file_part: GatewayFilePartTable
  gateway_batch: GatewayBatchTable
  gateway_batch_line: GatewayBatchLineTable
}
