import type { Generated } from 'kysely'
import type { Role, Scope } from '#schemas/access.ts'

export type TenantTable = { id: string; slug: string; name: string; created_at: Generated<Date> }

export type UserAccountTable = {
  id: string
  email: string
  created_at: Generated<Date>
}

export type MembershipTable = {
  tenant_id: string
  user_id: string
  name: string
  password_hash: string | null
  role: Role
  created_at: Generated<Date>
  last_seen_at: Generated<Date | null>
}

export type SessionTable = {
  id: string
  tenant_id: string
  user_id: string
  token_hash: Buffer
  user_agent: string | null
  address: string | null
  created_at: Generated<Date>
  seen_at: Generated<Date>
  expires_at: Date
  ended_at: Date | null
}

export type SignInLinkTable = {
  id: string
  tenant_id: string
  user_id: string
  token_hash: Buffer
  created_at: Generated<Date>
  expires_at: Date
  used_at: Date | null
}

export type ApiKeyTable = {
  id: string
  tenant_id: string
  name: string
  hint: string
  key_hash: Buffer
  scopes: Scope[]
  created_by: string | null
  created_at: Generated<Date>
  last_used_at: Date | null
  expires_at: Date | null
  revoked_at: Date | null
}

export type SignInThrottleTable = {
  subject: string
  failures: number
  last_at: Generated<Date>
  blocked_until: Date | null
}

export type IdempotencyTable = {
  tenant_id: string
  key: string
  route: string
  request_hash: Buffer
  status: number | null
  /** Sealed: an answer may hold a secret that is shown once. */
  reply: Buffer | null
  created_at: Generated<Date>
}

export type TenancyTables = {
  tenant: TenantTable
  user_account: UserAccountTable
  membership: MembershipTable
  session: SessionTable
  sign_in_link: SignInLinkTable
  api_key: ApiKeyTable
  sign_in_throttle: SignInThrottleTable
  idempotency: IdempotencyTable
}
