import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { associate, associated, associationType, kindOf, targetKind } from './crm-associations.ts'
import { CrmError, crmErrorBody, invalid, notFound } from './crm-errors.ts'
import { rateLimited } from './crm-limit.ts'
import {
  type CrmObject,
  archiveObject,
  findUnique,
  insertObject,
  listObjects,
  patchObject,
  readObject,
} from './crm-objects.ts'
import { type CrmKind, crmKinds, defaultProperties, systemProperties, uniqueProperties } from './crm-properties.ts'
import { Search, searchObjects } from './crm-search.ts'
import { bearer, readJson } from './requests.ts'
import { type Database, transaction } from './state.ts'

const Properties = z.record(
  z.string(),
  z.union([z.string(), z.number(), z.boolean(), z.null()]).transform((value) => (value === null ? '' : String(value))),
)
const Association = z.object({
  to: z.object({ id: z.coerce.string() }),
  types: z.array(z.object({ associationCategory: z.string(), associationTypeId: z.int() })).min(1),
})
const Create = z.object({ properties: Properties, associations: z.array(Association).default([]) })
const Patch = z.object({ properties: Properties })
const Upsert = z.object({
  inputs: z
    .array(z.object({ id: z.string().min(1), idProperty: z.string(), properties: Properties }))
    .min(1)
    .max(100),
})

const parse = async <T extends z.ZodType>(c: Context, shape: T): Promise<z.output<T>> => {
  const result = shape.safeParse(await readJson(c))
  if (!result.success) throw invalid(`Invalid input JSON: ${z.prettifyError(result.error)}`)
  return result.data
}

const names = (c: Context): string[] => c.req.queries('properties')?.flatMap((list) => list.split(',')) ?? []

const present = (object: CrmObject, asked: readonly string[]) => {
  const system = systemProperties(object.kind)
  const wanted = asked.length > 0 ? asked : defaultProperties(object.kind)
  return {
    id: String(object.id),
    properties: {
      ...Object.fromEntries(wanted.map((name) => [name, object.properties[name] ?? null])),
      [system.created]: object.created,
      [system.updated]: object.updated,
      hs_object_id: String(object.id),
    },
    createdAt: object.created,
    updatedAt: object.updated,
    archived: false,
  }
}

const locate = (db: Database, kind: CrmKind, id: string, idProperty: string | undefined): CrmObject => {
  if (idProperty === undefined || idProperty === 'hs_object_id') return readObject(db, kind, id)
  const found = findUnique(db, kind, idProperty, id)
  if (found === undefined) throw notFound()
  return found
}

const create = (db: Database, kind: CrmKind, input: z.output<typeof Create>): CrmObject =>
  transaction(db, () => {
    const object = insertObject(db, kind, input.properties)
    for (const { to, types } of input.associations)
      for (const { associationTypeId } of types) {
        const target = targetKind(kind, associationTypeId)
        if (target === undefined) throw invalid(`${associationTypeId} is not an association type of ${kind}`)
        associate(db, kind, String(object.id), target, to.id)
      }
    return object
  })

const upsert = (db: Database, kind: CrmKind, { inputs }: z.output<typeof Upsert>) =>
  transaction(db, () =>
    inputs.map(({ id, idProperty, properties }) => {
      if (!uniqueProperties(kind).includes(idProperty)) throw invalid(`${idProperty} is not a unique property`)
      const found = findUnique(db, kind, idProperty, id)
      const object =
        found === undefined
          ? insertObject(db, kind, { ...properties, [idProperty]: id })
          : patchObject(db, found, properties)
      return { ...present(object, Object.keys(object.properties)), new: found === undefined }
    }),
  )

/** A pretend HubSpot portal: CRM v3 objects and v4 default associations, under `/crm/v3` and `/crm/v4`. */
export const createCrm = (db: Database, token: string, limit: () => number): Hono => {
  const app = new Hono()
  app.use(async (c, next) => {
    if (bearer(c) === token) return next()
    const message = 'Authentication credentials not found. This API supports OAuth 2.0 authentication.'
    return c.json(crmErrorBody('INVALID_AUTHENTICATION', message), 401)
  })
  app.use(rateLimited(limit))
  app.onError((error, c) => {
    if (error instanceof CrmError) return c.json(crmErrorBody(error.category, error.message, error.extra), error.status)
    throw error
  })

  for (const kind of crmKinds) {
    const path = `/crm/v3/objects/${kind}`
    app.post(path, async (c) => {
      const input = await parse(c, Create)
      const object = create(db, kind, input)
      return c.json(present(object, Object.keys(object.properties)), 201)
    })
    app.get(path, (c) => {
      const limit = Number(c.req.query('limit') ?? 10)
      if (!Number.isInteger(limit) || limit < 1 || limit > 100) throw invalid('limit must be between 1 and 100')
      const page = listObjects(db, kind, Number(c.req.query('after') ?? 0) || 0, limit + 1)
      const last = page.length > limit ? page[limit - 1] : undefined
      const next = last === undefined ? {} : { paging: { next: { after: String(last.id) } } }
      return c.json({ results: page.slice(0, limit).map((object) => present(object, names(c))), ...next })
    })
    app.post(`${path}/search`, async (c) => {
      const search = await parse(c, Search)
      const found = searchObjects(listObjects(db, kind, 0, -1), search)
      const start = Number(search.after ?? 0) || 0
      const end = start + search.limit
      const next = end < found.length ? { paging: { next: { after: String(end) } } } : {}
      const results = found.slice(start, end).map((object) => present(object, search.properties))
      return c.json({ total: found.length, results, ...next })
    })
    app.post(`${path}/batch/upsert`, async (c) => {
      const input = await parse(c, Upsert)
      const startedAt = new Date().toISOString()
      const results = upsert(db, kind, input)
      return c.json({ status: 'COMPLETE', results, startedAt, completedAt: new Date().toISOString() })
    })
    app.get(`${path}/:id`, (c) => {
      const object = locate(db, kind, c.req.param('id'), c.req.query('idProperty'))
      const asked = c.req.query('associations')?.split(',').map(kindOf) ?? []
      const links = asked.flatMap((to) => {
        const ids = associated(db, kind, object.id, to)
        const type = `${kind.slice(0, -1)}_to_${to.slice(0, -1)}`
        return ids.length > 0 ? [[to, { results: ids.map((id) => ({ id: String(id), type })) }]] : []
      })
      return c.json({
        ...present(object, names(c)),
        ...(links.length > 0 ? { associations: Object.fromEntries(links) } : {}),
      })
    })
    app.patch(`${path}/:id`, async (c) => {
      const { properties } = await parse(c, Patch)
      const object = transaction(db, () =>
        patchObject(db, locate(db, kind, c.req.param('id'), c.req.query('idProperty')), properties),
      )
      return c.json(present(object, Object.keys(properties)))
    })
    app.delete(`${path}/:id`, (c) => {
      archiveObject(db, kind, c.req.param('id'))
      return c.body(null, 204)
    })
  }

  const pair = (c: Context<object, '/:from/:fromId/:to/:toId'>) => {
    const [from, to] = [kindOf(c.req.param('from')), kindOf(c.req.param('to'))]
    return { from, to, typeId: associationType(from, to) }
  }
  app.put('/crm/v4/objects/:from/:fromId/associations/default/:to/:toId', (c) => {
    const { from, to, typeId } = pair(c)
    const [fromId, toId] = [c.req.param('fromId'), c.req.param('toId')]
    transaction(db, () => associate(db, from, fromId, to, toId))
    const link = (a: string, b: string, id: number) => ({
      from: { id: a },
      to: { id: b },
      associationSpec: { associationCategory: 'HUBSPOT_DEFINED', associationTypeId: id },
    })
    return c.json({
      status: 'COMPLETE',
      results: [link(fromId, toId, typeId), link(toId, fromId, associationType(to, from))],
    })
  })
  app.get('/crm/v4/objects/:from/:fromId/associations/:to', (c) => {
    const [from, to] = [kindOf(c.req.param('from')), kindOf(c.req.param('to'))]
    const typeId = associationType(from, to)
    const ids = associated(db, from, readObject(db, from, c.req.param('fromId')).id, to)
    const types = [{ category: 'HUBSPOT_DEFINED', typeId, label: null }]
    return c.json({ results: ids.map((id) => ({ toObjectId: id, associationTypes: types })) })
  })
  app.all('*', (c) => c.json(crmErrorBody('OBJECT_NOT_FOUND', 'resource not found'), 404))
  return app
}
