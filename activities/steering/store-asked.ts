import type { Tx } from '#activities/database.ts'
import { kindOf } from '#activities/gateway/relay/facts.ts'
import type { Caller } from '#activities/gateway/store-known.ts'
import { Fault } from '#schemas/errors.ts'
import type { Operation } from '#schemas/gateway/kinds/kind.ts'
import type { Recorded } from '#schemas/steering/recorded.ts'
import { tagList } from '#schemas/steering/tags.ts'
import type { Context } from '#schemas/tenancy.ts'
import { keyless } from '#activities/gateway/relay/keyless.ts'

type Tenant = Pick<Context, 'tenant'>

/** Who would ask by this key, or in no key's name. */
export async function callerBy(tx: Tx, { tenant }: Tenant, key: string | undefined): Promise<Caller> {
  if (key === undefined) return keyless(tenant)
  const row = await tx
    .selectFrom('gateway_key as k')
    .leftJoin('user_account as u', 'u.id', 'k.created_by')
    .select(['k.id', 'k.name', 'k.tags', 'u.id as user', 'u.email'])
    .where('k.tenant_id', '=', tenant)
    .where('k.id', '=', key)
    .executeTakeFirst()
  if (row === undefined)
    throw new Fault('invalid', undefined, { issues: [{ path: '/body/request/key', message: 'there is no such key' }] })
  const user = row.user === null || row.email === null ? null : { id: row.user, email: row.email }
  return { ...keyless(tenant), key: row.id, name: row.name, user, tags: row.tags }
}

export const requestsKept = (tx: Tx, { tenant }: Tenant) =>
  tx
    .selectFrom('gateway_request as r')
    .leftJoin('gateway_key as k', (join) =>
      join.onRef('k.id', '=', 'r.key_id').onRef('k.tenant_id', '=', 'r.tenant_id'),
    )
    .leftJoin('user_account as u', 'u.id', 'k.created_by')
    .selectAll('r')
    .select(['k.name as key_name', 'u.id as user_id', 'u.email as user_email'])
    .where('r.tenant_id', '=', tenant)

export type KeptRow = Awaited<ReturnType<ReturnType<typeof requestsKept>['executeTakeFirstOrThrow']>>

/** Its tags before rules added theirs. */
export const ownTags = (row: KeptRow): Record<string, string> => row.own_tags ?? row.tags

/** What rules see of a request that is over. */
export const recordedOf = (row: KeptRow): Recorded => ({
  at: row.at.getTime(),
  key: { id: row.key_id ?? '', name: row.key_name ?? '' },
  user: { id: row.user_id ?? '', email: row.user_email ?? '' },
  tags: tagList(ownTags(row)),
  model: row.asked,
  kind: kindOf[row.operation as Operation] ?? 'chat',
  wire: row.operation === 'messages' || row.operation === 'count_tokens' ? 'anthropic' : 'openai',
  stream: row.stream,
  input: row.input_tokens,
  verdict: row.easy === null || row.suffices === null ? null : { easy: row.easy, suffices: row.suffices },
})

export async function findKept(tx: Tx, ctx: Tenant, id: string): Promise<KeptRow> {
  const row = await requestsKept(tx, ctx).where('r.id', '=', id).executeTakeFirst()
  if (row === undefined)
    throw new Fault('invalid', undefined, {
      issues: [{ path: '/body/request/recorded', message: 'there is no such request' }],
    })
  return row
}
