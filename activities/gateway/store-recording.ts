import { sql } from 'kysely'
import { append } from '#activities/audit/store.ts'
import type { Db, Tx } from '#activities/database.ts'
import { Fault } from '#schemas/errors.ts'
import {
  recordingChanged,
  recordingDeleted,
  usualRecording,
  type Recording,
  type RecordingSettings,
} from '#schemas/gateway/recording.ts'
import { sisterId } from '#schemas/ids.ts'
import type { Context } from '#schemas/tenancy.ts'
import { deleteSaid } from './store-samples.ts'
import { knownRecording, type KnownRecording } from './relay/recording.ts'

type Tenant = Pick<Context, 'tenant'>
type Given = { [K in keyof RecordingSettings]?: RecordingSettings[K] | undefined }

const rowOf = (tx: Db, { tenant }: Tenant) =>
  tx.selectFrom('gateway_recording').selectAll().where('tenant_id', '=', tenant)

type Row = Awaited<ReturnType<ReturnType<typeof rowOf>['executeTakeFirstOrThrow']>>

const toSettings = (row: Row | undefined): RecordingSettings =>
  row === undefined ? usualRecording : { of: row.subject, keys: row.keys, tags: row.tags, days: row.days }

/** Of which requests bodies are kept, as requests need to know it; null where of none. */
export const readRecording = async (system: Db, tenant: string): Promise<KnownRecording | null> =>
  knownRecording(toSettings(await rowOf(system, { tenant }).executeTakeFirst()))

export async function findRecording(tx: Tx, ctx: Tenant): Promise<Recording> {
  const row = await rowOf(tx, ctx).executeTakeFirst()
  const settings = toSettings(row)
  const { requests, bytes } = await tx
    .selectFrom('gateway_body')
    .select([
      sql<string>`count(distinct request_id)`.as('requests'),
      sql<string>`coalesce(sum(octet_length(sealed)), 0)`.as('bytes'),
    ])
    .where('tenant_id', '=', ctx.tenant)
    .where('deleted_at', 'is', null)
    .where('expires_at', '>', new Date())
    .where('at', '>', new Date(Date.now() - settings.days * 86_400_000))
    .executeTakeFirstOrThrow()
  const changedAt = row?.changed_at.toISOString() ?? null
  return { ...settings, changedAt, requests: Number(requests), bytes: Number(bytes) }
}

/** Changes what is given of it. `invalid` where a key is not there. */
export async function changeRecording(tx: Tx, ctx: Context, given: Given): Promise<Recording> {
  await checkKeys(tx, ctx, given.keys ?? [])
  await tx
    .insertInto('gateway_recording')
    .values({ tenant_id: ctx.tenant })
    .onConflict((on) => on.column('tenant_id').doNothing())
    .execute()
  const before = toSettings(await rowOf(tx, ctx).forUpdate().executeTakeFirst())
  const said = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  const { of: subject, ...now }: RecordingSettings = { ...before, ...said }
  await tx
    .updateTable('gateway_recording')
    .set({ subject, ...now, changed_at: new Date() })
    .where('tenant_id', '=', ctx.tenant)
    .execute()
  await append(tx, ctx, [recordingChanged(sisterId('recording', ctx.tenant), { of: subject, ...now })])
  return findRecording(tx, ctx)
}

const checkKeys = async (tx: Tx, { tenant }: Tenant, keys: readonly string[]): Promise<void> => {
  if (keys.length === 0) return
  const found = await tx
    .selectFrom('gateway_key')
    .select('id')
    .where('tenant_id', '=', tenant)
    .where('id', 'in', keys)
    .execute()
  const known = new Set(found.map(({ id }) => id))
  const issues = keys.flatMap((key, n) =>
    known.has(key) ? [] : [{ path: `/body/keys/${n}`, message: 'there is no such key' }],
  )
  if (issues.length > 0) throw new Fault('invalid', undefined, { issues })
}

/** Deletes all that a tenant has recorded. Gives of how many requests. */
export async function deleteRecording(tx: Tx, ctx: Context): Promise<{ requests: number }> {
  await deleteSaid(tx, ctx)
  const gone = await tx
    .updateTable('gateway_body')
    .set({ sealed: null, deleted_at: new Date() })
    .where('tenant_id', '=', ctx.tenant)
    .where('deleted_at', 'is', null)
    .returning('side')
    .execute()
  const deleted = { requests: gone.filter(({ side }) => side === 'asked').length }
  await append(tx, ctx, [recordingDeleted(sisterId('recording', ctx.tenant), deleted)])
  return deleted
}
