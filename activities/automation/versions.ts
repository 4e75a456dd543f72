import { withTenant, type Databases } from '#activities/database.ts'
import { Fault } from '#schemas/errors.ts'
import { findVersion, type PublishedVersion } from './store.ts'

/** Versions never change, so what was read once need not be read again; the oldest go first. */
const known = new Map<string, PublishedVersion>()
const keep = 200

/** A version of an automation, by its content hash. */
export async function versionOf(
  db: Databases,
  { tenant, automation, version }: { tenant: string; automation: string; version: string },
): Promise<PublishedVersion> {
  const key = `${tenant} ${automation} ${version}`
  const before = known.get(key)
  if (before !== undefined) return before
  const ctx = { tenant, actor: { kind: 'system' as const, id: 'versions' }, scopes: [] }
  const found = await withTenant(db, ctx, (tx) => findVersion(tx, ctx, automation, version))
  if (found === null) throw new Fault('not_found', `There is no version ${version.slice(0, 12)} of this automation.`)
  if (known.size >= keep) known.delete(known.keys().next().value as string)
  known.set(key, found)
  return found
}
