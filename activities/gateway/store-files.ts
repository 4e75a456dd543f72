import { sql, type Selectable } from 'kysely'
import { asTenant, storable, withTenant, type Databases, type Tx } from '#activities/database.ts'
import type { Seal } from '#activities/seal.ts'
import { Fault } from '#schemas/errors.ts'
import { fileLimits } from '#schemas/gateway/batch-lines.ts'
import { newId } from '#schemas/ids.ts'
import type { GatewayFileTable } from '#schemas/tables/gateway-batches.ts'
import { linesOf } from './store-batch-lines.ts'
import type { Caller } from './store-known.ts'

export type FileRow = Selectable<GatewayFileTable>
/** In whose name a file is asked for: a key that is limited to some models sees its own alone. */
export type FileOwner = Pick<Caller, 'tenant' | 'key' | 'models'>

/** How long files are kept unless somebody says otherwise, in ms. */
export const filesLast = 30 * 86_400_000
const aboutPart = (tenant: string, file: string, n: number): string => `gateway_file ${tenant} ${file} ${n}`

/** Begins a file; it is there for nobody until it is whole. */
export async function beginFile(db: Databases, { tenant, key }: FileOwner, name: string): Promise<string> {
  const id = newId('modelFile')
  const ctx = { tenant }
  await withTenant(db, ctx, async (tx) => {
    const { held } = await tx
      .selectFrom('gateway_file')
      .select(sql<string>`coalesce(sum(bytes), 0)`.as('held'))
      .where('tenant_id', '=', tenant)
      .executeTakeFirstOrThrow()
    if (Number(held) >= fileLimits.perTenant)
      throw new Fault('too_large', `Your files have ${fileLimits.perTenant} bytes already; delete some.`)
    await tx
      .insertInto('gateway_file')
      .values({
        id,
        tenant_id: tenant,
        key_id: key,
        name: storable(name),
        purpose: '',
        expires_at: new Date(Date.now() + filesLast),
      })
      .execute()
  })
  return id
}

export async function addPart(
  db: Databases,
  seal: Seal,
  tenant: string,
  file: string,
  n: number,
  bytes: Buffer,
): Promise<void> {
  await asTenant(db, { tenant })
    .insertInto('gateway_file_part')
    .values({ file_id: file, n, tenant_id: tenant, sealed: seal.close(bytes, aboutPart(tenant, file, n)) })
    .execute()
}

/** The file is whole; what it is for is known, and how long it lasts from when it was begun, in ms. */
export const endFile = (
  db: Databases,
  tenant: string,
  file: string,
  { bytes, purpose, lasts }: { bytes: number; purpose: string; lasts: number },
): Promise<FileRow> =>
  asTenant(db, { tenant })
    .updateTable('gateway_file')
    .set({ ready: true, bytes, purpose, expires_at: sql<Date>`created_at + ${lasts} * interval '1 ms'` })
    .where('tenant_id', '=', tenant)
    .where('id', '=', file)
    .returningAll()
    .executeTakeFirstOrThrow()

const files = (tx: Pick<Tx, 'selectFrom'>, { tenant, key, models }: FileOwner) => {
  const query = tx
    .selectFrom('gateway_file')
    .selectAll()
    .where('tenant_id', '=', tenant)
    .where('ready', '=', true)
    .where('expires_at', '>', new Date())
  return models === null ? query : query.where('key_id', '=', key)
}

export async function findFile(db: Databases, owner: FileOwner, id: string): Promise<FileRow | null> {
  return (await files(asTenant(db, owner), owner).where('id', '=', id).executeTakeFirst()) ?? null
}

export type FilesAsked = {
  after?: string | undefined
  limit: number
  newestFirst: boolean
  purpose?: string | undefined
}

/** Files in their order, one more than `limit` where there are more. */
export function listFiles(
  db: Databases,
  owner: FileOwner,
  { after, limit, newestFirst, purpose }: FilesAsked,
): Promise<FileRow[]> {
  let query = files(asTenant(db, owner), owner)
  if (after !== undefined) query = query.where('id', newestFirst ? '<' : '>', after)
  if (purpose !== undefined) query = query.where('purpose', '=', purpose)
  return query
    .orderBy('id', newestFirst ? 'desc' : 'asc')
    .limit(limit + 1)
    .execute()
}

/** Whether it was there. A batch that works at it has its lines already. */
export async function deleteFile(db: Databases, owner: FileOwner, id: string): Promise<boolean> {
  const file = await findFile(db, owner, id)
  if (file === null) return false
  await dropFile(db, owner.tenant, id)
  return true
}

export async function dropFile(db: Databases, tenant: string, id: string): Promise<void> {
  await asTenant(db, { tenant })
    .deleteFrom('gateway_file')
    .where('tenant_id', '=', tenant)
    .where('id', '=', id)
    .execute()
}

/** What stands in a file, piece by piece; in what a batch has come to, line by line. */
export async function* contentOf(db: Databases, seal: Seal, file: FileRow): AsyncGenerator<Buffer> {
  const { id, tenant_id: tenant } = file
  if (file.batch_id !== null) {
    for await (const { text } of linesOf(db, seal, { tenant, batch: file.batch_id }, file.purpose === 'batch_errors'))
      yield Buffer.from(text)
    return
  }
  for (let n = 0; ; n++) {
    const part = await asTenant(db, { tenant })
      .selectFrom('gateway_file_part')
      .select('sealed')
      .where('tenant_id', '=', tenant)
      .where('file_id', '=', id)
      .where('n', '=', n)
      .executeTakeFirst()
    if (part === undefined) return
    yield seal.openBytes(part.sealed, aboutPart(tenant, id, n))
  }
}

/** Forgets files that have had their time, and those that were never sent to their end. Gives how many. */
export async function forgetFiles(tx: Tx, now: Date, limit: number): Promise<number> {
  const unsent = new Date(now.getTime() - 86_400_000)
  const { numAffectedRows } = await sql`
    delete from gateway_file where ctid = any (array(
      select ctid from gateway_file
      where expires_at < ${now} or (not ready and created_at < ${unsent}) limit ${limit}))`.execute(tx)
  return Number(numAffectedRows)
}
