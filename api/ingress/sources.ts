import { withSystem } from '#activities/database.ts'
import { loadSource } from '#activities/ingress/store-sources.ts'
import type { ApiDeps } from '../deps.ts'
import { importSecret, type Secret } from './signature.ts'

export type ReadySource = { tenant: string; sourceId: string; source: string; secrets: Secret[] }

/** How long a source is remembered, in ms: a secret that was ended stays good for at most this long. */
const remember = 1000
/** Names of sources remembered at once; unknown ones are remembered too, so that guessing them is cheap for us. */
const most = 1000

/** Looks sources up by tenant slug and name, ready to verify signatures, and remembers them for a second. */
export function sourceLookup(
  deps: Pick<ApiDeps, 'db' | 'seal'>,
): (tenant: string, source: string) => Promise<ReadySource | null> {
  const known = new Map<string, { until: number; source: Promise<ReadySource | null> }>()
  const load = async (tenant: string, name: string): Promise<ReadySource | null> => {
    const found = await withSystem(deps.db, (tx) => loadSource(tx, deps.seal, tenant, name))
    if (found === null) return null
    return { ...found, secrets: found.secrets.map((secret) => importSecret(secret.id, secret.text)) }
  }
  return (tenant, name) => {
    const key = `${tenant}/${name}`
    const now = Date.now()
    const hit = known.get(key)
    if (hit !== undefined && hit.until > now) return hit.source
    if (known.size >= most) known.clear()
    const source = load(tenant, name)
    known.set(key, { until: now + remember, source })
    source.catch(() => known.delete(key))
    return source
  }
}
