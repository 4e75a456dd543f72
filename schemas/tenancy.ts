import { z } from 'zod'
import { eventType, type Actor } from './audit.ts'
import type { Scope } from './access.ts'

/**
 * In whose name something is done. Every verb takes one; it is made at a door (session, key, webhook,
 * workflow input) and nowhere else.
 */
export type Context = {
  tenant: string
  actor: Actor
  scopes: readonly Scope[]
  /** What ties together all that one outside act caused: the receipt or run id. */
  correlation?: string | undefined
  /** The event or request that caused this one. */
  causation?: string | undefined
}

export const tenantCreated = eventType('tenant_created', 1, z.object({ slug: z.string(), name: z.string() }))
