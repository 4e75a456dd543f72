import { createHash } from 'node:crypto'
import { z } from 'zod'
import { DmsError, refuseStale } from './dms-errors.ts'
import type { Database } from './state.ts'

const text = z.string().max(200).optional()
const email = z.email().optional()

export const Customer = z.object({
  name: z.object({
    first: text,
    middle: text,
    last: text,
    prefix: text,
    suffix: text,
    companyName: text,
  }),
  contactMethods: z
    .object({
      primaryPhone: text,
      homePhone: text,
      mobilePhone: text,
      workPhone: text,
      email1: email,
      email1Desc: z.enum(['HOME', 'WORK', 'OTHER']).optional(),
      email2: email,
      preferredMethod: text,
      blockPhoneFlag: z.boolean().optional(),
      blockEmailFlag: z.boolean().optional(),
      blockMailFlag: z.boolean().optional(),
    })
    .default({}),
  postalAddress: z
    .object({ street: text, city: text, county: text, state: text, postalCode: text, country: text })
    .default({}),
})
export type Customer = z.output<typeof Customer>

export type StoredCustomer = { id: number; version: number; body: Customer }

const fromRow = (row: Record<string, unknown>): StoredCustomer => ({
  id: Number(row['id']),
  version: Number(row['version']),
  body: Customer.parse(JSON.parse(String(row['body']))),
})

/** The strong entity tag of a stored customer: a checksum of its id, version and content. */
export const etag = ({ id, version, body }: StoredCustomer): string =>
  `"${createHash('sha256')
    .update(JSON.stringify([id, version, body]))
    .digest('hex')
    .slice(0, 32)}"`

export const readCustomer = (db: Database, id: string): StoredCustomer => {
  const row = /^\d{1,15}$/.test(id) ? db.prepare('select * from dms_customer where id = ?').get(Number(id)) : undefined
  if (row === undefined) throw new DmsError(404, 'NOT-FOUND', `Customer ${id} not found`)
  return fromRow(row)
}

export const addCustomer = (db: Database, body: Customer): StoredCustomer => {
  const { lastInsertRowid } = db.prepare('insert into dms_customer (body) values (?)').run(JSON.stringify(body))
  return { id: Number(lastInsertRowid), version: 1, body }
}

/** Replaces a customer when `ifMatch` is its present tag. */
export const replaceCustomer = (
  db: Database,
  id: string,
  body: Customer,
  ifMatch: string | undefined,
): StoredCustomer => {
  const now = readCustomer(db, id)
  refuseStale(etag(now), ifMatch)
  const next = { ...now, version: now.version + 1, body }
  db.prepare('update dms_customer set body = ?, version = ? where id = ?').run(
    JSON.stringify(body),
    next.version,
    now.id,
  )
  return next
}

const digits = (phone: string | undefined): string => (phone ?? '').replaceAll(/\D/g, '').slice(-10)

/** Customers whose name, e-mail address and phone (last ten digits) fit all the filters given. */
export const findCustomers = (
  db: Database,
  filter: {
    firstName?: string | undefined
    lastName?: string | undefined
    email?: string | undefined
    phone?: string | undefined
  },
): StoredCustomer[] => {
  const fits = ({ body: { name, contactMethods } }: StoredCustomer): boolean => {
    const is = (asked: string | undefined, ...actual: (string | undefined)[]) =>
      asked === undefined || actual.some((one) => one?.toLowerCase() === asked.toLowerCase())
    const phones = [contactMethods.primaryPhone, contactMethods.homePhone, contactMethods.mobilePhone]
    return (
      is(filter.firstName, name.first) &&
      is(filter.lastName, name.last) &&
      is(filter.email, contactMethods.email1, contactMethods.email2) &&
      (filter.phone === undefined || phones.map(digits).includes(digits(filter.phone)))
    )
  }
  return db.prepare('select * from dms_customer order by id').all().map(fromRow).filter(fits)
}
