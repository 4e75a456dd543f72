import type { Generated } from 'kysely'

export type SourceTable = {
  id: string
  tenant_id: string
  name: string
  created_at: Generated<Date>
  automation: Generated<string>
}

export type SourceSecretTable = {
  id: string
  tenant_id: string
  source_id: string
  kind: 'hmac' | 'ed25519'
  sealed: Buffer
  hint: string
  created_at: Generated<Date>
  retires_at: Date | null
  ended_at: Date | null
}

export type ReceiptTable = {
  id: string
  tenant_id: string
  source: string
  webhook_id: string
  dedup_key: string
  body_hash: Buffer
  bytes: number
  title: string
  state: 'accepted' | 'quarantined' | 'discarded'
  conflicts_with: string | null
  deliveries: Generated<number>
  run_id: string | null
  accepted_at: Generated<Date>
  changed: Generated<string>
}

export type InboxTable = {
  receipt_id: string
  tenant_id: string
  content_type: string
  body: Buffer
  traceparent: string | null
  accepted_at: Generated<Date>
  held: Generated<boolean>
  dispatched_at: Date | null
}

export type IngressTables = {
  source: SourceTable
  source_secret: SourceSecretTable
  receipt: ReceiptTable
  inbox: InboxTable
}
