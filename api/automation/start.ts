import { findAutomation, findPublished, findVersion, type PublishedVersion } from '#activities/automation/store.ts'
import type { Tx } from '#activities/database.ts'
import { Failure } from '#schemas/automation/failure.ts'
import type { JsonObject } from '#schemas/automation/json.ts'
import { asText, resolve } from '#schemas/automation/value.ts'
import { Fault } from '#schemas/errors.ts'
import type { Context } from '#schemas/tenancy.ts'

/** The version that a new run takes: the one asked for, else the published one. */
export async function findStartable(
  tx: Tx,
  ctx: Context,
  automation: string,
  version: string | undefined,
): Promise<PublishedVersion> {
  const found =
    version === undefined ? await findPublished(tx, ctx, automation) : await findVersion(tx, ctx, automation, version)
  const { archivedAt } = await findAutomation(tx, ctx, automation)
  if (archivedAt !== null) throw new Fault('automation_archived')
  if (found !== null && found.number > 0) return found
  if (version !== undefined) throw new Fault('not_found', 'There is no such version.')
  throw new Fault('not_published')
}

/** What lists call the run: as its settings say, else the automation's name. */
export function titleOf({ definition, name }: PublishedVersion, input: JsonObject): string {
  const title = definition.settings?.title
  if (title === undefined) return name
  try {
    return asText(resolve(title, { input })).slice(0, 200) || name
  } catch (error) {
    if (error instanceof Failure) return name
    throw error
  }
}
