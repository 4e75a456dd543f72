import { type Context, Hono } from 'hono'
import { z } from 'zod'
import {
  Appointment,
  AppointmentChange,
  addAppointment,
  appointmentTag,
  changeAppointment,
  presentAppointment,
  readAppointment,
  type StoredAppointment,
} from './dms-appointments.ts'
import {
  Customer,
  type StoredCustomer,
  addCustomer,
  etag,
  findCustomers,
  readCustomer,
  replaceCustomer,
} from './dms-customers.ts'
import { DmsError, dmsErrorBody } from './dms-errors.ts'
import { judgeToken, mountTokens } from './dms-token.ts'
import { findOwned } from './dms-owned.ts'
import { VehicleChange, changeVehicle, findVehicles, presentVehicle, readVehicle, vehicleTag } from './dms-vehicles.ts'
import { bearer, readJson } from './requests.ts'
import { type Database, transaction } from './state.ts'
import type { Vehicle } from './stock.ts'

export type DmsCredentials = { clientId: string; clientSecret: string; subscriptionId: string }

const present = (customer: StoredCustomer) => ({
  customerId: String(customer.id),
  ...customer.body,
  links: { self: `/cdk/drive/customers/v1/${customer.id}` },
})

const parse = async <T extends z.ZodType>(c: Context, shape: T): Promise<z.output<T>> => {
  const result = shape.safeParse(await readJson(c))
  if (!result.success) throw new DmsError(400, 'BAD-REQUEST', z.prettifyError(result.error))
  return result.data
}
const parseCustomer = (c: Context): Promise<Customer> => parse(c, Customer)

const page = (c: Context, total: number) => {
  const size = Number(c.req.query('pageSize') ?? 100)
  const cursor = c.req.query('pageCursor')
  const start = cursor === undefined ? 0 : Number(Buffer.from(cursor, 'base64url').toString())
  if (!Number.isInteger(size) || size < 1 || size > 200)
    throw new DmsError(400, 'BAD-REQUEST', 'pageSize must be between 1 and 200')
  if (!Number.isInteger(start) || start < 0) throw new DmsError(400, 'BAD-REQUEST', 'pageCursor is not valid')
  const end = start + size
  const more = end < total
  const next = more ? { nextPageCursor: Buffer.from(String(end)).toString('base64url') } : {}
  return { start, end, pageInfo: { hasNextPage: more, ...next } }
}

/** A pretend CDK store behind the Fortellis gateway: tokens, customers and inventory with `If-Match`, the workshop. */
export const createDms = (db: Database, credentials: DmsCredentials, tokenSeconds: () => number): Hono => {
  const app = new Hono()
  mountTokens(app, db, { id: credentials.clientId, secret: credentials.clientSecret }, tokenSeconds)
  app.onError((error, c) => {
    if (error instanceof DmsError) return c.json(dmsErrorBody(error.code, error.message), error.status)
    throw error
  })

  app.use('/cdk/*', async (c, next) => {
    const requestId = c.req.header('request-id')
    if (requestId !== undefined) c.header('Request-Id', requestId)
    const token = bearer(c)
    if (token === undefined) throw new DmsError(401, 'MISSING-AUTHORIZATION', 'The Authorization header is missing')
    const verdict = judgeToken(db, token)
    if (verdict === 'expired') throw new DmsError(401, 'TOKEN-EXPIRED', 'The access token has expired')
    if (verdict === 'unknown') throw new DmsError(401, 'INVALID-TOKEN', 'The access token is not valid')
    const subscription = c.req.header('subscription-id')
    if (subscription === undefined)
      throw new DmsError(401, 'MISSING-SUBSCRIPTION-ID', 'The Subscription-Id header is missing')
    if (subscription !== credentials.subscriptionId)
      throw new DmsError(403, 'SUBSCRIPTION-MISMATCH', 'The subscription does not belong to this app')
    if (requestId === undefined) throw new DmsError(400, 'MISSING-REQUEST-ID', 'The Request-Id header is missing')
    return next()
  })

  const answer = (c: Context, customer: StoredCustomer, status: 200 | 201 = 200) => {
    c.header('ETag', etag(customer))
    return c.json(present(customer), status)
  }
  app.get('/cdk/drive/customers/v1', (c) => {
    const { firstName, lastName, email, phone } = c.req.query()
    return c.json({ items: findCustomers(db, { firstName, lastName, email, phone }).map(present) })
  })
  app.post('/cdk/drive/customers/v1', async (c) => {
    const customer = addCustomer(db, await parseCustomer(c))
    c.header('Location', present(customer).links.self)
    return answer(c, customer, 201)
  })
  app.get('/cdk/drive/customers/v1/:id', (c) => answer(c, readCustomer(db, c.req.param('id'))))
  app.post('/cdk/drive/customers/v1/:id', async (c) => {
    const body = await parseCustomer(c)
    const ifMatch = c.req.header('if-match')
    return answer(
      c,
      transaction(db, () => replaceCustomer(db, c.req.param('id'), body, ifMatch)),
    )
  })

  app.get('/cdk/drive/inventory/v1/vehicles', (c) => {
    const found = findVehicles(db, c.req.query())
    const { start, end, pageInfo } = page(c, found.length)
    return c.json({ totalCount: found.length, pageInfo, items: found.slice(start, end).map(presentVehicle) })
  })
  const vehicle = (c: Context, found: Vehicle) => {
    c.header('ETag', vehicleTag(found))
    return c.json(presentVehicle(found))
  }
  app.get('/cdk/drive/inventory/v1/vehicles/:id', (c) => vehicle(c, readVehicle(db, c.req.param('id'))))
  app.post('/cdk/drive/inventory/v1/vehicles/:id', async (c) => {
    const change = await parse(c, VehicleChange)
    const [id, ifMatch] = [c.req.param('id'), c.req.header('if-match')]
    return vehicle(
      c,
      transaction(db, () => changeVehicle(db, id, change, ifMatch)),
    )
  })
  app.get('/cdk/drive/service-vehicles/v1', (c) => {
    const found = findOwned(db, c.req.query())
    const { start, end, pageInfo } = page(c, found.length)
    return c.json({ totalCount: found.length, pageInfo, items: found.slice(start, end) })
  })

  const appointment = (c: Context, found: StoredAppointment, status: 200 | 201 = 200) => {
    c.header('ETag', appointmentTag(found))
    return c.json(presentAppointment(found), status)
  }
  app.post('/cdk/drive/service-appointments/v1', async (c) => {
    const asked = await parse(c, Appointment)
    const { found, made } = transaction(db, () => addAppointment(db, asked))
    return appointment(c, found, made ? 201 : 200)
  })
  app.get('/cdk/drive/service-appointments/v1/:id', (c) => appointment(c, readAppointment(db, c.req.param('id'))))
  app.post('/cdk/drive/service-appointments/v1/:id', async (c) => {
    const change = await parse(c, AppointmentChange)
    const [id, ifMatch] = [c.req.param('id'), c.req.header('if-match')]
    return appointment(
      c,
      transaction(db, () => changeAppointment(db, id, change, ifMatch)),
    )
  })
  app.all('*', (c) => c.json(dmsErrorBody('API-DOES-NOT-EXIST', 'The API does not exist'), 404))
  return app
}
