import { append, isUniqueViolation } from '#activities/audit/store.ts'
import { createAutomation, findPublished } from '#activities/automation/store.ts'
import type { Tx } from '#activities/database.ts'
import { Fault } from '#schemas/errors.ts'
import { newId } from '#schemas/ids.ts'
import { leadResponse } from '#schemas/templates/lead-response.ts'
import { tenantCreated, type Context } from '#schemas/tenancy.ts'

export type Tenant = { id: string; slug: string; name: string }

/** Creates a tenant (system role) that can answer leads at once; gives its id. */
export async function createTenant(tx: Tx, { slug, name }: { slug: string; name: string }): Promise<string> {
  const id = newId('tenant')
  try {
    await tx.insertInto('tenant').values({ id, slug, name }).execute()
  } catch (error) {
    if (isUniqueViolation(error)) throw new Fault('already_exists', `There is a tenant called ${slug} already.`)
    throw error
  }
  const ctx = { tenant: id, actor: { kind: 'system' as const, id: 'setup' }, scopes: [] }
  await append(tx, ctx, [tenantCreated(id, { slug, name })], 0)
  await installLeadResponse(tx, ctx)
  return id
}

/** What answers the leads of a tenant, until its people draw something else; does nothing where there is one. */
export async function installLeadResponse(tx: Tx, ctx: Context): Promise<void> {
  const handle = 'lead-response'
  if ((await findPublished(tx, ctx, handle)) !== null) return
  await createAutomation(tx, ctx, { handle, name: leadResponse.name, definition: leadResponse, publish: true })
}

export const findTenant = async (tx: Tx, id: string): Promise<Tenant | null> =>
  (await tx.selectFrom('tenant').select(['id', 'slug', 'name']).where('id', '=', id).executeTakeFirst()) ?? null

export const findTenantBySlug = async (tx: Tx, slug: string): Promise<Tenant | null> =>
  (await tx.selectFrom('tenant').select(['id', 'slug', 'name']).where('slug', '=', slug).executeTakeFirst()) ?? null

/** Any tenant at all? A fresh installation has none and shows the set-up page. */
export const anyTenant = async (tx: Tx): Promise<boolean> =>
  (await tx.selectFrom('tenant').select('id').limit(1).executeTakeFirst()) !== undefined

/** A free slug made of a name: `Northstar Motors` → `northstar-motors`, `northstar-motors-2`, … */
export async function freeSlug(tx: Tx, name: string): Promise<string> {
  const base =
    name
      .normalize('NFKD')
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-+|-+$/g, '')
      .slice(0, 32)
      .replace(/-+$/, '') || 'dealer'
  for (let n = 1; ; n++) {
    const slug = n === 1 ? base : `${base}-${n}`
    if ((await findTenantBySlug(tx, slug)) === null) return slug
  }
}
