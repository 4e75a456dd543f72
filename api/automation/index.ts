import { createAutomation, findAutomation, listAutomations, setArchived } from '#activities/automation/store.ts'
import { findDraft, saveDraft } from '#activities/automation/store-draft.ts'
import { listVersions, problemsOf, publish, readVersion, rollBack } from '#activities/automation/store-versions.ts'
import { withTenant, type Tx } from '#activities/database.ts'
import type { Definition } from '#schemas/automation/definition.ts'
import { diff } from '#schemas/automation/diff.ts'
import { definitionSchema, inWrittenOrder, readDefinition } from '#schemas/automation/document.ts'
import type { automationRoutes } from '#schemas/automation/index.ts'
import { kinds } from '#schemas/automation/kinds/index.ts'
import { Fault } from '#schemas/errors.ts'
import type { Context } from '#schemas/tenancy.ts'
import type { Handlers } from '../contract.ts'
import type { ApiDeps } from '../deps.ts'
import { readDocument } from './document.ts'

/** What a new automation begins with. */
const blank = (name: string): Definition => ({
  format: 1,
  name,
  nodes: [
    { id: 'start', kind: 'start', at: { x: 0, y: 0 } },
    { id: 'end', kind: 'end', at: { x: 0, y: 160 } },
  ],
  edges: [{ from: 'start', to: 'end' }],
})

/** The shortest valid node of each kind, by the kind's name. */
const examples = (): Record<string, Record<string, unknown>> =>
  Object.fromEntries(
    Object.values(kinds).map(({ kind, example }) => [
      kind,
      { id: kind === 'switch' ? 'which' : kind, kind, ...example },
    ]),
  )

export function automationHandlers({ db }: Pick<ApiDeps, 'db'>): Handlers<typeof automationRoutes> {
  const inTenant = <T>(ctx: Context, work: (tx: Tx) => Promise<T>): Promise<T> => withTenant(db, ctx, work)
  const made = async (tx: Tx, ctx: Context, id: string) => findAutomation(tx, ctx, id)

  return {
    'GET /v1/automations/schema': async () => ({ schema: { ...definitionSchema() }, examples: examples() }),
    'GET /v1/automations': ({ ctx, query }) =>
      inTenant(ctx, (tx) => listAutomations(tx, ctx, { ...query, archived: query.archived === 'true' })),
    'POST /v1/automations': ({ ctx, body, keep }) => {
      const drawn = body.definition === undefined ? undefined : readDocument(body.definition)
      const name = body.name ?? drawn?.name ?? 'New automation'
      return inTenant(ctx, async (tx) => {
        const id = await createAutomation(tx, ctx, { handle: body.handle, name, definition: drawn ?? blank(name) })
        return keep(tx, await made(tx, ctx, id))
      })
    },
    'GET /v1/automations/:automation': ({ ctx, params }) =>
      inTenant(ctx, async (tx) => {
        const { id, draft: definition, draft_revision: revision } = await findDraft(tx, ctx, params.automation)
        return { automation: await findAutomation(tx, ctx, id), definition, revision }
      }),
    'PUT /v1/automations/:automation/draft': ({ ctx, params, body }) =>
      inTenant(ctx, async (tx) => {
        await findDraft(tx, ctx, params.automation)
        const definition = readDocument(body.definition)
        return saveDraft(tx, ctx, params.automation, { definition, revision: body.revision })
      }),
    'POST /v1/automations/:automation/validate': ({ ctx, params, body }) =>
      inTenant(ctx, async (tx) => {
        const { id, draft } = await findDraft(tx, ctx, params.automation)
        const found = body.definition === undefined ? { definition: draft } : readDefinition(body.definition)
        return 'problems' in found ? found : { problems: await problemsOf(tx, ctx, id, found.definition) }
      }),
    'POST /v1/automations/:automation/publish': ({ ctx, params, body }) =>
      inTenant(ctx, (tx) => publish(tx, ctx, params.automation, { revision: body.revision, notes: body.notes ?? '' })),
    'GET /v1/automations/:automation/versions': ({ ctx, params, query }) =>
      inTenant(ctx, async (tx) => listVersions(tx, ctx, await findDraft(tx, ctx, params.automation), query)),
    'GET /v1/automations/:automation/versions/:version': ({ ctx, params }) =>
      inTenant(ctx, async (tx) => readVersion(tx, ctx, await findDraft(tx, ctx, params.automation), params.version)),
    'POST /v1/automations/:automation/versions/:version/publish': ({ ctx, params, body }) =>
      inTenant(ctx, (tx) => rollBack(tx, ctx, params.automation, params.version, body)),
    'GET /v1/automations/:automation/diff': ({ ctx, params, query }) =>
      inTenant(ctx, async (tx) => {
        const row = await findDraft(tx, ctx, params.automation)
        const documentOf = async (which: string): Promise<Definition> => {
          if (which === 'draft') return row.draft
          const version = which === 'published' ? row.published : which
          if (version === null) throw new Fault('not_found', 'Nothing is published yet.')
          return (await readVersion(tx, ctx, row, version)).definition
        }
        return { differences: diff(await documentOf(query.from), await documentOf(query.to)) }
      }),
    'GET /v1/automations/:automation/export': ({ ctx, params, c }) =>
      inTenant(ctx, async (tx) => {
        const { handle, draft } = await findDraft(tx, ctx, params.automation)
        c.header('Content-Disposition', `attachment; filename="${handle}.json"`)
        return inWrittenOrder(draft)
      }),
    'POST /v1/automations/:automation/duplicate': ({ ctx, params, body, keep }) =>
      inTenant(ctx, async (tx) => {
        const { id: from, draft } = await findDraft(tx, ctx, params.automation)
        const name = body.name ?? `Copy of ${draft.name}`.slice(0, 120)
        const id = await createAutomation(tx, ctx, { name, definition: draft, from })
        return keep(tx, await made(tx, ctx, id))
      }),
    'POST /v1/automations/:automation/archive': ({ ctx, params }) =>
      inTenant(ctx, (tx) => setArchived(tx, ctx, params.automation, true)),
    'POST /v1/automations/:automation/restore': ({ ctx, params }) =>
      inTenant(ctx, (tx) => setArchived(tx, ctx, params.automation, false)),
  }
}
