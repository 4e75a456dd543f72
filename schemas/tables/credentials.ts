import type { ColumnType, Generated } from 'kysely'
import type { CredentialKind, Purpose } from '../credentials.ts'

export type CredentialTable = {
  id: string
  tenant_id: string
  handle: string
  name: string
  hosts: string[]
  created_at: Generated<Date>
  last_used_at: Date | null
}

export type CredentialSecretTable = {
  credential_id: string
  tenant_id: string
  purpose: Purpose
  kind: CredentialKind
  /** What of it may be seen. */
  open: ColumnType<Record<string, string>, string, string>
  sealed: Buffer
  set_at: Generated<Date>
  /** The access token it was last exchanged for. */
  token: Buffer | null
  token_until: Date | null
}

export type CredentialTables = { credential: CredentialTable; credential_secret: CredentialSecretTable }
