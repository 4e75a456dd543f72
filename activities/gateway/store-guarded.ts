import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { Db, Tx } from '#activities/database.ts'
import type { Seal } from '#activities/seal.ts'
import { compileGuard } from '#schemas/gateway/guardrails/kinds.ts'
import type { Accounted } from './relay/accounted.ts'
import type { Applied, Guard, Guards } from './relay/guards.ts'
import { Pseudonyms } from './relay/pseudonyms.ts'

/** Making one ready costs more than reading it: they are kept, by their id and what they are told to do. */
const ready = new Map<string, Guard['check']>()
const mostReady = 2_000

const checkOf = (id: string, kind: Guard['kind'], options: unknown): Guard['check'] => {
  const name = `${id} ${createHash('sha256').update(JSON.stringify(options)).digest('base64')}`
  const known = ready.get(name)
  if (known !== undefined) return known
  const made = compileGuard(kind, options)
  if (ready.size >= mostReady) ready.delete(ready.keys().next().value as string)
  ready.set(name, made)
  return made
}

/** The guardrails of a tenant, ready to look; null where there are none. */
export async function readGuards(system: Db, tenant: string, seal: Seal): Promise<Guards | null> {
  const rows = await system
    .selectFrom('gateway_guardrail')
    .select(['id', 'name', 'kind', 'options', 'sides', 'everywhere'])
    .where('tenant_id', '=', tenant)
    .orderBy('name')
    .execute()
  if (rows.length === 0) return null
  const named = new Map<string, Guard>()
  const everywhere: Applied[] = []
  for (const { id, name, kind, options, sides, everywhere: act } of rows) {
    const [input, output] = [sides.includes('input'), sides.includes('output')]
    const guard = { id, name, kind, input, output, check: checkOf(id, kind, options) }
    named.set(name, guard)
    if (act !== null) everywhere.push({ guard, act })
  }
  return { named, everywhere, pseudonyms: new Pseudonyms(seal.derived(`guardrails ${tenant}`)) }
}

const tenMinutes = 600_000

/** Counts what guardrails did, in the transaction that writes their requests down. */
export async function countGuarded(tx: Tx, requests: readonly Accounted[]): Promise<void> {
  type Count = {
    tenant: string
    guardrail: string
    at: string
    looked: number
    flagged: number
    masked: number
    blocked: number
    matches: number
  }
  const counts = new Map<string, Count>()
  for (const { tenant, at: time, guarded } of requests)
    for (const { guardrail, did, input, output } of guarded ?? []) {
      const at = new Date(Math.floor(time / tenMinutes) * tenMinutes).toISOString()
      const name = `${tenant} ${guardrail} ${at}`
      const count = counts.get(name) ?? {
        tenant,
        guardrail,
        at,
        looked: 0,
        flagged: 0,
        masked: 0,
        blocked: 0,
        matches: 0,
      }
      count.looked++
      if (did !== 'passed') count[did]++
      for (const matches of [...Object.values(input), ...Object.values(output)]) count.matches += matches
      counts.set(name, count)
    }
  if (counts.size === 0) return
  // in one order, so that processes do not wait for one another in a circle
  const ordered = [...counts.keys()].toSorted().map((name) => counts.get(name))
  await sql`
    insert into gateway_guardrail_count as c (tenant_id, guardrail_id, at, looked, flagged, masked, blocked, matches)
    select x.tenant, x.guardrail, x.at, x.looked, x.flagged, x.masked, x.blocked, x.matches
    from jsonb_to_recordset(${JSON.stringify(ordered)}::jsonb) as x(tenant text, guardrail text, at timestamptz,
      looked bigint, flagged bigint, masked bigint, blocked bigint, matches bigint)
    on conflict (tenant_id, guardrail_id, at) do update set looked = c.looked + excluded.looked,
      flagged = c.flagged + excluded.flagged, masked = c.masked + excluded.masked,
      blocked = c.blocked + excluded.blocked, matches = c.matches + excluded.matches`.execute(tx)
}

/** Forgets what guardrails did before a time. Gives how many rows. */
export async function forgetGuarded(tx: Tx, before: Date, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from gateway_guardrail_count where ctid = any (array(
      select ctid from gateway_guardrail_count where at < ${before} limit ${limit}))`.execute(tx)
  return Number(numAffectedRows ?? 0n)
}
