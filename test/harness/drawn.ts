import { createAutomation, findPublished, type PublishedVersion } from '#activities/automation/store.ts'
import { withTenant, type Databases } from '#activities/database.ts'
import type { Definition, Edge, Node } from '#schemas/automation/definition.ts'
import { leadResponse } from '#schemas/templates/lead-response.ts'
import type { Context } from '#schemas/tenancy.ts'

/** A version that requests may name where no run of it is ever started. */
export const drawn = { id: 'aut_01jd2x7m4hf8q9v0w3k5n6p7rs', handle: 'lead-response', version: 'v1', number: 1 }

/** Publishes an automation at a tenant; gives its version. */
export const install = (
  db: Databases,
  ctx: Context,
  definition: Definition,
  handle: string,
): Promise<PublishedVersion> =>
  withTenant(db, ctx, async (tx) => {
    await createAutomation(tx, ctx, { handle, name: definition.name, definition, publish: true })
    const published = await findPublished(tx, ctx, handle)
    if (published === null) throw new Error(`${handle} was not published`)
    return published
  })

/** The answer to leads, with other times for its approval. */
export const leadResponseWith = (times: { remindAfter: string; dueAfter: string }): Definition => ({
  ...leadResponse,
  nodes: leadResponse.nodes.map((node) =>
    node.kind === 'approval' ? { ...node, with: { ...node.with, ...times } } : node,
  ),
})

export const chain = (...ids: string[]): Edge[] => ids.slice(1).map((to, at) => ({ from: ids[at] as string, to }))

/** A definition of these nodes behind a start. */
export const drawing = (nodes: Node[], edges: Edge[], more: Partial<Definition> = {}): Definition => ({
  format: 1,
  name: 'Test',
  nodes: [{ id: 'start', kind: 'start' }, ...nodes],
  edges,
  ...more,
})

export const code = (id: string, source: string, input: Node['with'] = {}): Node => ({
  id,
  kind: 'code',
  with: { source, input },
})

/** A step that lasts until it is skipped. */
export const nap: Node = { id: 'nap', kind: 'wait', with: { for: 'duration', duration: '1h' } }
