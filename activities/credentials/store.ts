import { sql } from 'kysely'
import { append, isUniqueViolation } from '#activities/audit/store.ts'
import { storable, type Tx } from '#activities/database.ts'
import { pageOfRows, type Page, type PageAsked } from '#activities/paging.ts'
import type { Seal } from '#activities/seal.ts'
import {
  credentialAdded,
  credentialChanged,
  credentialDeleted,
  credentialRotated,
  credentialTwinEnded,
  openPartOf,
  purposes,
  type Credential,
  type CredentialKind,
  type Purpose,
  type Secret,
} from '#schemas/credentials.ts'
import { Fault } from '#schemas/errors.ts'
import { newId } from '#schemas/ids.ts'
import type { Context } from '#schemas/tenancy.ts'

type Tenant = Pick<Context, 'tenant'>
type Part = { purpose: Purpose; kind: CredentialKind; open: Record<string, string>; setAt: string }

/** What binds a sealed secret to its row: in another one, of another tenant or purpose, it does not open. */
export const aboutSecret = (tenant: string, credential: string, purpose: Purpose): string =>
  `${tenant} ${credential} ${purpose}`

/** Automations whose published version names the credential in a node. */
const usedBy = sql<Credential['usedBy']>`coalesce((
  select json_agg(json_build_object('id', a.id, 'handle', a.handle, 'name', a.name) order by a.id)
  from automation a
  join automation_version v on v.tenant_id = a.tenant_id and v.automation_id = a.id and v.version = a.published
  where a.tenant_id = credential.tenant_id and a.archived_at is null
    and exists (
      select from json_array_elements(v.definition -> 'nodes') node
      where node -> 'with' ->> 'credential' = credential.handle
    )
), '[]')`

const parts = sql<Part[]>`(
  select json_agg(json_build_object('purpose', s.purpose, 'kind', s.kind, 'open', s.open, 'setAt', s.set_at))
  from credential_secret s where s.tenant_id = credential.tenant_id and s.credential_id = credential.id
)`

const credentials = (tx: Tx, ctx: Tenant) =>
  tx
    .selectFrom('credential')
    .select(['id', 'handle', 'name', 'hosts', 'created_at as since', 'last_used_at as used'])
    .select([usedBy.as('usedBy'), parts.as('parts')])
    .where('tenant_id', '=', ctx.tenant)

type Row = Awaited<ReturnType<ReturnType<typeof credentials>['executeTakeFirstOrThrow']>>

const toCredential = ({ id, handle, name, hosts, usedBy, parts, since, used }: Row): Credential => {
  const [live, sandbox] = purposes.map((purpose) => parts.find((part) => part.purpose === purpose))
  if (live === undefined) throw new Error(`${id} has no secret`)
  return {
    id,
    handle,
    name,
    hosts,
    live: shown(live),
    sandbox: sandbox === undefined ? null : shown(sandbox),
    usedBy,
    lastUsedAt: used?.toISOString() ?? null,
    createdAt: since.toISOString(),
  }
}

const shown = ({ kind, open, setAt }: Part) => ({ kind, open, setAt: new Date(setAt).toISOString() })

/** A page of credentials, newest first. */
export async function listCredentials(tx: Tx, ctx: Context, page: PageAsked): Promise<Page<Credential>> {
  let query = credentials(tx, ctx)
  if (page.cursor !== undefined) query = query.where('id', '<', storable(page.cursor))
  const { rows, next } = await pageOfRows(query.orderBy('id', 'desc'), page.limit, (row) => row.id)
  return { items: rows.map(toCredential), next }
}

export async function findCredential(tx: Tx, ctx: Tenant, ref: string): Promise<Credential> {
  const row = await credentials(tx, ctx)
    .where((e) => e.or([e('id', '=', ref), e('handle', '=', ref)]))
    .executeTakeFirst()
  if (row === undefined) throw new Fault('not_found')
  return toCredential(row)
}

/**
 * What validation knows of the credentials of a tenant. With `keep` none of them is deleted before the transaction ends:
 * what is published now may name them.
 */
export async function namesOfCredentials(
  tx: Tx,
  ctx: Tenant,
  { keep = false } = {},
): Promise<{ handle: string; hosts: string[] }[]> {
  const query = tx.selectFrom('credential').select(['handle', 'hosts']).where('tenant_id', '=', ctx.tenant)
  return (keep ? query.forKeyShare() : query).execute()
}

export type NewCredential = {
  handle: string
  name: string
  hosts: readonly string[]
  secret: Secret
  sandbox?: Secret | undefined
}

/** Adds a credential. `already_exists` where its handle is taken. */
export async function addCredential(tx: Tx, ctx: Context, seal: Seal, given: NewCredential): Promise<Credential> {
  const id = newId('credential')
  const hosts = [...new Set(given.hosts)]
  const { handle, name } = storable(given)
  try {
    await tx
      .insertInto('credential')
      .values({ id, tenant_id: ctx.tenant, handle, name, hosts, last_used_at: null })
      .execute()
  } catch (error) {
    if (isUniqueViolation(error)) throw new Fault('already_exists', `There is a credential called “${handle}” already.`)
    throw error
  }
  await putSecret(tx, ctx, seal, id, 'live', given.secret)
  if (given.sandbox !== undefined) await putSecret(tx, ctx, seal, id, 'sandbox', given.sandbox)
  const { kind } = given.secret
  await append(tx, ctx, [credentialAdded(id, { handle, name, hosts, kind, sandbox: given.sandbox !== undefined })], 0)
  return findCredential(tx, ctx, id)
}

/** Puts a secret in the place of the one there was, which is forgotten, and with it the token it had brought. */
async function putSecret(tx: Tx, ctx: Context, seal: Seal, id: string, purpose: Purpose, given: Secret): Promise<void> {
  const secret = storable(given)
  const sealed = seal.close(JSON.stringify(secret), aboutSecret(ctx.tenant, id, purpose))
  const values = {
    kind: secret.kind,
    open: JSON.stringify(openPartOf(secret)),
    sealed,
    set_at: new Date(),
    token: null,
    token_until: null,
  }
  await tx
    .insertInto('credential_secret')
    .values({ credential_id: id, tenant_id: ctx.tenant, purpose, ...values })
    .onConflict((conflict) => conflict.columns(['tenant_id', 'credential_id', 'purpose']).doUpdateSet(values))
    .execute()
}

/** The credential, held: of two who change it the second sees what the first has left. */
const take = async (tx: Tx, ctx: Context, ref: string): Promise<Credential> => {
  const row = await tx
    .selectFrom('credential')
    .select('id')
    .where('tenant_id', '=', ctx.tenant)
    .where((e) => e.or([e('id', '=', ref), e('handle', '=', ref)]))
    .forUpdate()
    .executeTakeFirst()
  if (row === undefined) throw new Fault('not_found')
  return findCredential(tx, ctx, row.id)
}

export type CredentialChange = {
  name?: string | undefined
  hosts?: readonly string[] | undefined
  sandbox?: null | undefined
}

export async function changeCredential(tx: Tx, ctx: Context, ref: string, to: CredentialChange): Promise<Credential> {
  const now = await take(tx, ctx, ref)
  const { id, handle } = now
  const [name, hosts] = [storable(to.name ?? now.name), [...new Set(to.hosts ?? now.hosts)]]
  if (name !== now.name || hosts.join() !== now.hosts.join()) {
    await tx.updateTable('credential').set({ name, hosts }).where('id', '=', id).execute()
    await append(tx, ctx, [credentialChanged(id, { handle, name, hosts })])
  }
  if (to.sandbox === null && now.sandbox !== null) {
    await tx.deleteFrom('credential_secret').where('credential_id', '=', id).where('purpose', '=', 'sandbox').execute()
    await append(tx, ctx, [credentialTwinEnded(id, { handle })])
  }
  return findCredential(tx, ctx, id)
}

/** Gives it a new secret, for real or for test runs; what is under way with the old one ends as it may. */
export async function rotateCredential(
  tx: Tx,
  ctx: Context,
  seal: Seal,
  ref: string,
  { secret, of }: { secret: Secret; of: Purpose },
): Promise<Credential> {
  const { id, handle } = await take(tx, ctx, ref)
  await putSecret(tx, ctx, seal, id, of, secret)
  await append(tx, ctx, [credentialRotated(id, { handle, of, kind: secret.kind })])
  return findCredential(tx, ctx, id)
}

/** Forgets a credential and its secrets. `credential_in_use` with who uses it, where a published automation does. */
export async function deleteCredential(tx: Tx, ctx: Context, ref: string): Promise<void> {
  const { id, handle, usedBy } = await take(tx, ctx, ref)
  if (usedBy.length > 0)
    throw new Fault('credential_in_use', `It is used by ${usedBy.map((one) => `“${one.name}”`).join(', ')}.`, {
      usedBy,
    })
  await tx.deleteFrom('credential').where('id', '=', id).execute()
  await append(tx, ctx, [credentialDeleted(id, { handle })])
}
