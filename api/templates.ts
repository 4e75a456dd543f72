import { findAutomation } from '#activities/automation/store.ts'
import { withTenant } from '#activities/database.ts'
import { findAtHandles, installTemplate } from '#activities/templates/store.ts'
import { titleOf } from '#schemas/automation/definition.ts'
import { operations } from '#schemas/connectors/operations.ts'
import { Fault } from '#schemas/errors.ts'
import type { TemplateCard, TemplateDetail, templateRoutes } from '#schemas/templates/index.ts'
import { templates } from '#schemas/templates/list.ts'
import { findTemplate, needsOf, partsOf } from '#schemas/templates/needs.ts'
import { sketch } from '#schemas/templates/sketch.ts'
import type { Template } from '#schemas/templates/template.ts'
import type { Handlers } from './contract.ts'
import type { ApiDeps } from './deps.ts'

const find = (handle: string): Template => {
  const found = findTemplate(handle)
  if (found === undefined) throw new Fault('not_found', 'There is no such template.')
  return found
}

const card = (template: Template, installed: ReadonlyMap<string, string>): TemplateCard => {
  const { handle, title, purpose, category, definition } = template
  const parts = partsOf(template)
  const own = needsOf(definition)
  const used = new Set([...own.operations, ...parts.flatMap((part) => needsOf(part.definition).operations)])
  return {
    handle,
    title,
    purpose,
    category,
    steps: definition.nodes.filter((node) => node.kind !== 'note').length,
    needs: {
      operations: [...used].map((id) => ({
        id,
        title: operations[id]?.title ?? id,
        system: operations[id]?.system ?? '',
      })),
      events: own.events,
      parts: parts.map((part) => ({ handle: part.handle, title: part.title })),
    },
    sketch: sketch(definition),
    installed: installed.get(handle) ?? null,
  }
}

/** The steps of a sample that stop for a person, in the order in which they are drawn. */
const asksOf = ({ definition, sample: { decisions = {} } }: Template): TemplateDetail['sample']['asks'] =>
  definition.nodes.flatMap((node) => {
    const made = decisions[node.id]
    return made === undefined ? [] : [{ node: node.id, title: titleOf(node), values: {}, ...made }]
  })

export const templateHandlers = ({ db }: Pick<ApiDeps, 'db'>): Handlers<typeof templateRoutes> => ({
  'GET /v1/templates': ({ ctx }) =>
    withTenant(db, ctx, async (tx) => {
      const handles = templates.map(({ handle }) => handle)
      const installed = await findAtHandles(tx, ctx, handles)
      return { items: templates.map((one) => card(one, installed)) }
    }),
  'GET /v1/templates/:template': ({ ctx, params }) =>
    withTenant(db, ctx, async (tx) => {
      const template = find(params.template)
      const { input, pins = {}, events = [] } = template.sample
      return {
        ...card(template, await findAtHandles(tx, ctx, [template.handle])),
        definition: { ...template.definition },
        sample: { input, pins, events: [...events], asks: asksOf(template) },
      }
    }),
  'POST /v1/templates/:template/install': ({ ctx, params, body, keep }) =>
    withTenant(db, ctx, async (tx) => {
      const id = await installTemplate(tx, ctx, find(params.template), body)
      return keep(tx, await findAutomation(tx, ctx, id))
    }),
})
