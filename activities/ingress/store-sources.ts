import type { Tx } from '#activities/database.ts'
import { append } from '#activities/audit/store.ts'
import type { Seal } from '#activities/seal.ts'
import { isUniqueViolation } from '#activities/audit/store.ts'
import { pageOfRows, type Page, type PageAsked } from '#activities/paging.ts'
import { Fault } from '#schemas/errors.ts'
import { newId } from '#schemas/ids.ts'
import { secretEnded, secretRotated, sourceAdded, type Source } from '#schemas/ingress.ts'
import type { Context } from '#schemas/tenancy.ts'

export type NewSecret = { kind: 'hmac' | 'ed25519'; text: string }
export type LivingSecret = { id: string; text: string }
export type KnownSource = { tenant: string; sourceId: string; source: string; secrets: LivingSecret[] }

/** What the door needs to check a signature: the source of that name at that tenant, with its living secrets. */
export async function loadSource(tx: Tx, seal: Seal, tenantSlug: string, source: string): Promise<KnownSource | null> {
  const rows = await tx
    .selectFrom('source')
    .innerJoin('tenant', 'tenant.id', 'source.tenant_id')
    .innerJoin('source_secret as secret', 'secret.source_id', 'source.id')
    .select(['source.tenant_id as tenant', 'source.id as sourceId', 'secret.id', 'secret.sealed'])
    .where('tenant.slug', '=', tenantSlug)
    .where('source.name', '=', source)
    .where('secret.ended_at', 'is', null)
    .where((e) => e.or([e('secret.retires_at', 'is', null), e('secret.retires_at', '>', new Date())]))
    .execute()
  const first = rows[0]
  if (first === undefined) return null
  const secrets = rows.map(({ id, sealed }) => ({ id, text: seal.open(sealed, id) }))
  return { tenant: first.tenant, sourceId: first.sourceId, source, secrets }
}

export async function listSources(
  tx: Tx,
  ctx: Context,
  hookUrl: (source: string) => string,
  page: PageAsked,
): Promise<Page<Source>> {
  let query = tx
    .selectFrom('source')
    .select(['id', 'name', 'created_at'])
    .select((e) =>
      e
        .selectFrom('receipt')
        .select((r) => r.fn.max('accepted_at').as('at'))
        .whereRef('receipt.tenant_id', '=', 'source.tenant_id')
        .whereRef('receipt.source', '=', 'source.name')
        .as('last'),
    )
    .where('tenant_id', '=', ctx.tenant)
  if (page.cursor !== undefined) query = query.where('id', '>', page.cursor)
  const { rows, next } = await pageOfRows(query.orderBy('id'), page.limit, (row) => row.id)
  const secrets = await livingSecrets(
    tx,
    rows.map((row) => row.id),
  )
  return {
    items: rows.map((row) => ({
      id: row.id,
      name: row.name,
      url: hookUrl(row.name),
      secrets: secrets.get(row.id) ?? [],
      createdAt: row.created_at.toISOString(),
      lastAcceptedAt: row.last?.toISOString() ?? null,
    })),
    next,
  }
}

const livingSecrets = async (tx: Tx, sources: string[]): Promise<Map<string, Source['secrets']>> => {
  const found = new Map<string, Source['secrets']>(sources.map((id) => [id, []]))
  if (sources.length === 0) return found
  const rows = await tx
    .selectFrom('source_secret')
    .select(['id', 'source_id', 'kind', 'hint', 'created_at', 'retires_at'])
    .where('source_id', 'in', sources)
    .where('ended_at', 'is', null)
    .where((e) => e.or([e('retires_at', 'is', null), e('retires_at', '>', new Date())]))
    .orderBy('id')
    .execute()
  for (const row of rows)
    found.get(row.source_id)?.push({
      id: row.id,
      kind: row.kind,
      hint: row.hint,
      createdAt: row.created_at.toISOString(),
      retiresAt: row.retires_at?.toISOString() ?? null,
    })
  return found
}

export async function addSource(tx: Tx, ctx: Context, seal: Seal, name: string, secret: NewSecret): Promise<string> {
  const id = newId('source')
  try {
    await tx.insertInto('source').values({ id, tenant_id: ctx.tenant, name }).execute()
  } catch (error) {
    if (isUniqueViolation(error)) throw new Fault('already_exists', `There is a source called ${name} already.`)
    throw error
  }
  const secretId = await insertSecret(tx, ctx, seal, id, secret)
  await append(tx, ctx, [sourceAdded(id, { name, secret: secretId })], 0)
  return id
}

/** Adds a secret; those before it stay valid until `retiresAt`. */
export async function rotateSecret(
  tx: Tx,
  ctx: Context,
  seal: Seal,
  source: string,
  secret: NewSecret,
  retiresAt: Date,
): Promise<void> {
  await findSource(tx, ctx, source)
  const retiring = await tx
    .updateTable('source_secret')
    .set((e) => ({
      retires_at: e.fn<Date>('least', [e.fn.coalesce('retires_at', e.val(retiresAt)), e.val(retiresAt)]),
    }))
    .where('source_id', '=', source)
    .where('ended_at', 'is', null)
    .returning('id')
    .execute()
  const id = await insertSecret(tx, ctx, seal, source, secret)
  const facts = { secret: id, retiring: retiring.map((row) => row.id), retiresAt: retiresAt.toISOString() }
  await append(tx, ctx, [secretRotated(source, facts)])
}

export async function endSecret(tx: Tx, ctx: Context, source: string, secret: string): Promise<void> {
  await findSource(tx, ctx, source)
  const living = (await livingSecrets(tx, [source])).get(source) ?? []
  if (!living.some((one) => one.id === secret)) throw new Fault('not_found')
  const lasting = living.filter((one) => one.id !== secret && one.retiresAt === null)
  if (lasting.length === 0) throw new Fault('conflict', 'A source needs one lasting secret; rotate first.')
  await tx.updateTable('source_secret').set({ ended_at: new Date() }).where('id', '=', secret).execute()
  await append(tx, ctx, [secretEnded(source, { secret })])
}

const findSource = async (tx: Tx, ctx: Context, source: string): Promise<void> => {
  const row = await tx
    .selectFrom('source')
    .select('id')
    .where('tenant_id', '=', ctx.tenant)
    .where('id', '=', source)
    .forUpdate()
    .executeTakeFirst()
  if (row === undefined) throw new Fault('not_found')
}

const insertSecret = async (tx: Tx, ctx: Context, seal: Seal, source: string, secret: NewSecret): Promise<string> => {
  const id = newId('secret')
  await tx
    .insertInto('source_secret')
    .values({
      id,
      tenant_id: ctx.tenant,
      source_id: source,
      kind: secret.kind,
      sealed: seal.close(secret.text, id),
      hint: `${secret.text.slice(0, 10)}…`,
      retires_at: null,
      ended_at: null,
    })
    .execute()
  return id
}

/** From now on what comes in by the source is answered by this automation. */
export async function setAutomation(tx: Tx, ctx: Context, source: string, automation: string): Promise<void> {
  const { numUpdatedRows } = await tx
    .updateTable('source')
    .set({ automation })
    .where('tenant_id', '=', ctx.tenant)
    .where('id', '=', source)
    .executeTakeFirst()
  if (numUpdatedRows === 0n) throw new Fault('not_found')
}
