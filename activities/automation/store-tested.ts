import { storable, type Tx } from '#activities/database.ts'
import type { Definition } from '#schemas/automation/definition.ts'
import type { Context } from '#schemas/tenancy.ts'
import { contentHash } from './store-draft.ts'
import { findTestable, madeBy, versionKey, type PublishedVersion } from './store-versions.ts'

/** Keeps a document so that test runs can go on with it; it has no number, and stands in no list. */
export async function keepTested(
  tx: Tx,
  ctx: Context,
  { id, handle }: { id: string; handle: string },
  document: Definition,
): Promise<PublishedVersion> {
  const definition = storable(document)
  const version = contentHash(definition)
  await tx
    .insertInto('automation_version')
    .values({ ...versionKey(ctx, id, version), ...madeBy(ctx), definition: JSON.stringify(definition) })
    .onConflict((it) => it.doNothing())
    .execute()
  return { id, handle, name: definition.name, version, number: 0, definition }
}

/** What a test goes on with where one of its steps begins another automation; null where there is none to run. */
export async function takeTestable(tx: Tx, ctx: Context, ref: string): Promise<PublishedVersion | null> {
  const found = await findTestable(tx, ctx, ref)
  return found === null || found.number > 0 ? found : keepTested(tx, ctx, found, found.definition)
}
