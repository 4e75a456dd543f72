import { createHash } from 'node:crypto'
import type { Tx } from '#activities/database.ts'
import type { Definition } from '#schemas/automation/definition.ts'
import { canonical } from '#schemas/automation/json.ts'
import { newId } from '#schemas/ids.ts'
import type { Context } from '#schemas/tenancy.ts'

export type PublishedVersion = {
  id: string
  handle: string
  name: string
  version: string
  number: number
  definition: Definition
}

export const findPublished = async (
  tx: Tx,
  ctx: Pick<Context, 'tenant'>,
  ref: string,
): Promise<PublishedVersion | null> =>
  (await of(tx, ctx, ref).whereRef('v.version', '=', 'a.published').executeTakeFirst()) ?? null

export const findVersion = async (
  tx: Tx,
  ctx: Pick<Context, 'tenant'>,
  ref: string,
  version: string,
): Promise<PublishedVersion | null> =>
  (await of(tx, ctx, ref).where('v.version', '=', version).executeTakeFirst()) ?? null

const of = (tx: Tx, ctx: Pick<Context, 'tenant'>, ref: string) =>
  tx
    .selectFrom('automation as a')
    .innerJoin('automation_version as v', 'v.automation_id', 'a.id')
    .select(['a.id', 'a.handle', 'a.name', 'v.version', 'v.number', 'v.definition'])
    .where('a.tenant_id', '=', ctx.tenant)
    .where((e) => e.or([e('a.id', '=', ref), e('a.handle', '=', ref)]))

export async function createAutomation(
  tx: Tx,
  ctx: Context,
  made: { handle: string; name: string; definition: Definition; publish: true },
): Promise<string> {
  const id = newId('automation')
  const version = createHash('sha256').update(canonical(made.definition)).digest('hex')
  await tx
    .insertInto('automation')
    .values({ id, tenant_id: ctx.tenant, handle: made.handle, name: made.name, published: version })
    .execute()
  await tx
    .insertInto('automation_version')
    .values({
      tenant_id: ctx.tenant,
      automation_id: id,
      version,
      number: 1,
      definition: JSON.stringify(made.definition),
    })
    .execute()
  return id
}
