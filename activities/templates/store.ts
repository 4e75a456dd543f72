import { append } from '#activities/audit/store.ts'
import { createAutomation } from '#activities/automation/store.ts'
import type { Tx } from '#activities/database.ts'
import type { Definition } from '#schemas/automation/definition.ts'
import { templateInstalled } from '#schemas/templates/index.ts'
import { partsOf } from '#schemas/templates/needs.ts'
import type { Template } from '#schemas/templates/template.ts'
import type { Context } from '#schemas/tenancy.ts'

/** Ids of the automations at these handles. */
export async function findAtHandles(tx: Tx, ctx: Context, handles: readonly string[]): Promise<Map<string, string>> {
  if (handles.length === 0) return new Map()
  const rows = await tx
    .selectFrom('automation')
    .select(['id', 'handle'])
    .where('tenant_id', '=', ctx.tenant)
    .where('handle', 'in', handles)
    .execute()
  return new Map(rows.map(({ id, handle }) => [handle, id]))
}

/**
 * Installs a template as an automation of its own, and the parts it needs at their handles where nothing stands there
 * yet; gives its id. A second one gets the next free handle. Who may not publish gets drafts.
 */
export async function installTemplate(
  tx: Tx,
  ctx: Context,
  template: Template,
  { name = template.title, handle }: { name?: string | undefined; handle?: string | undefined },
): Promise<string> {
  const publish = ctx.scopes.includes('automations:publish')
  const parts = partsOf(template)
  const there = await findAtHandles(
    tx,
    ctx,
    parts.map((part) => part.handle),
  )
  const made: string[] = []
  for (const part of parts) {
    if (there.has(part.handle)) continue
    const wish = { handle: part.handle, name: part.title, definition: withSample(part), publish }
    made.push(await createAutomation(tx, ctx, wish))
  }
  const definition = withSample(template)
  const id = await createAutomation(tx, ctx, { handle, wish: template.handle, name, definition, publish })
  await append(tx, ctx, [templateInstalled(id, { template: template.handle, parts: made })])
  return id
}

/** The document with the sample as an example of its input, so that the dialog that starts a run can offer it. */
const withSample = ({ definition, sample }: Template): Definition => ({
  ...definition,
  input: { type: 'object', ...definition.input, examples: [sample.input] },
})
