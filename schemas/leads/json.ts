import { z } from 'zod'
import type { Issue } from '#schemas/errors.ts'
import type { Lead, Note } from './lead.ts'
import { normalise } from './normalise.ts'
import { Notebook } from './notes.ts'
import type { RawVehicle, Said } from './raw.ts'

/** A text or a number; empty and null count as absent. */
const loose = z.union([z.string(), z.number()]).nullish()
const looseNumber = z.union([z.number(), z.string()]).nullish()

const JsonPhone = z.union([
  z.string(),
  z.object({ number: loose, type: loose, time: loose, preferred: z.boolean().nullish() }),
])

const JsonVehicle = z.object({
  interest: loose.describe('buy, lease, sell, trade-in or test-drive; buy if absent'),
  status: loose.describe('new or used'),
  year: looseNumber,
  make: loose,
  model: loose,
  trim: loose,
  vin: loose,
  stock: loose,
  odometer: z.union([loose, z.object({ value: looseNumber, units: loose })]),
  price: z.union([looseNumber, z.object({ amount: looseNumber, currency: loose, type: loose })]),
  bodyStyle: loose,
  transmission: loose,
  exteriorColor: loose,
  interiorColor: loose,
  options: z.array(loose).nullish(),
  finance: z.object({ method: loose, downPayment: looseNumber, monthly: looseNumber, total: looseNumber }).nullish(),
  comments: loose,
})

const JsonCustomer = z.object({
  firstName: loose,
  middleName: loose,
  lastName: loose,
  fullName: loose,
  name: loose.describe('The same as fullName'),
  email: loose,
  phone: loose,
  phones: z.array(JsonPhone).nullish(),
  address: z
    .object({
      lines: z.array(loose).nullish(),
      city: loose,
      region: loose,
      postalCode: loose,
      country: loose,
    })
    .nullish(),
  comments: loose,
  timeframe: loose,
  preferredContact: z.enum(['email', 'phone']).nullish(),
})

/**
 * A lead as JSON: the normalised lead with nearly everything optional. The least is a customer with a name, an
 * e-mail address or a phone number. Unknown members are passed over.
 */
export const JsonLead = z
  .object({
    provider: z.union([loose, z.object({ name: loose, service: loose, url: loose, email: loose, phone: loose })]),
    leadId: loose.describe('Your own id of this lead: how it is recognised when sent again'),
    leadIdSource: loose,
    status: z.enum(['new', 'resend']).nullish(),
    requestedAt: loose.describe('ISO 8601; UTC if it names no zone'),
    customer: JsonCustomer,
    vehicle: JsonVehicle.nullish(),
    vehicles: z.array(JsonVehicle).nullish(),
    tradeIn: JsonVehicle.nullish(),
    vendor: z.union([loose, z.object({ name: loose, id: loose })]),
  })
  .meta({
    id: 'JsonLead',
    example: {
      provider: { name: 'AutoFinder', service: 'Buyer leads' },
      leadId: 'AF-204871',
      requestedAt: '2026-11-21T08:47:50-05:00',
      customer: {
        firstName: 'Jane',
        lastName: 'Doe',
        email: 'jane.doe@example.com',
        phone: '+1 555 010 0199',
        comments: 'Is it still there? I could come on Saturday.',
      },
      vehicles: [{ interest: 'buy', status: 'used', year: 2021, make: 'Honda', model: 'Accord', stock: 'H4352' }],
      tradeIn: {
        year: 2003,
        make: 'Honda',
        model: 'Accord',
        vin: '1HGCM82633A004352',
        odometer: { value: 121000, units: 'mi' },
      },
      vendor: { name: 'Lakeside Motors' },
    },
  })
export type JsonLead = z.infer<typeof JsonLead>

type Value = string | number | null | undefined

const say = (value: Value): Said =>
  value === null || value === undefined || value === '' ? undefined : { text: String(value), at: null }

/** A member that may be a bare value or an object: the bare value counts as its first field. */
const open = <K extends string>(
  value: Value | Partial<Record<K, Value>>,
  field: NoInfer<K>,
): Partial<Record<K, Value>> =>
  typeof value === 'object' && value !== null ? value : ({ [field]: value } as Partial<Record<K, Value>>)

const vehicleOf = (vehicle: z.infer<typeof JsonVehicle>): RawVehicle => {
  const odometer = open<'value' | 'units'>(vehicle.odometer, 'value')
  const price = open<'amount' | 'currency' | 'type'>(vehicle.price, 'amount')
  return {
    interest: say(vehicle.interest),
    status: say(vehicle.status),
    year: say(vehicle.year),
    make: say(vehicle.make),
    model: say(vehicle.model),
    trim: say(vehicle.trim),
    vin: say(vehicle.vin),
    stock: say(vehicle.stock),
    odometer: say(odometer.value),
    odometerUnits: say(odometer.units),
    price: say(price.amount),
    priceType: say(price.type),
    currency: say(price.currency),
    bodyStyle: say(vehicle.bodyStyle),
    transmission: say(vehicle.transmission),
    exteriorColor: say(vehicle.exteriorColor),
    interiorColor: say(vehicle.interiorColor),
    financeMethod: say(vehicle.finance?.method),
    downPayment: say(vehicle.finance?.downPayment),
    monthly: say(vehicle.finance?.monthly),
    total: say(vehicle.finance?.total),
    comments: say(vehicle.comments),
    options: (vehicle.options ?? []).map(say),
  }
}

const pointer = (path: readonly PropertyKey[]): string =>
  path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

const parse = (source: string, book: Notebook): JsonLead => {
  let value: unknown
  try {
    value = JSON.parse(source)
  } catch (error) {
    const at = /position (\d+)/.exec(String(error))?.[1]
    throw book.refuse('The body is not JSON.', at === undefined ? source.length : Number(at))
  }
  if (Array.isArray(value)) throw book.refuse('The body is a list; send one lead per request.', 0)
  const result = JsonLead.safeParse(value)
  if (result.success) return result.data
  const issues: Issue[] = result.error.issues
    .slice(0, 20)
    .map(({ path, message }) => ({ path: pointer(path), message }))
  throw book.refuse('The JSON is not a lead.', null, issues)
}

/**
 * Reads a JSON lead.
 * @throws Fault `lead_malformed`, with an issue per member that is not acceptable
 */
export const readJson = (source: string): { lead: Lead; notes: Note[] } => {
  const book = new Notebook(source)
  const json = parse(source, book)
  const { customer } = json
  const provider = open<'name' | 'service' | 'url' | 'email' | 'phone'>(json.provider, 'name')
  const vendor = open<'name' | 'id'>(json.vendor, 'name')
  const main = {
    number: say(customer.phone),
    type: undefined,
    time: undefined,
    preferred: customer.preferredContact === 'phone',
  }
  const phones = (customer.phones ?? []).map((phone) =>
    typeof phone === 'string'
      ? { number: say(phone), type: undefined, time: undefined, preferred: false }
      : {
          number: say(phone.number),
          type: say(phone.type),
          time: say(phone.time),
          preferred: phone.preferred ?? false,
        },
  )
  const repeated = phones.some(({ number }) => number?.text === main.number?.text)
  const lead = normalise(
    {
      provider: {
        name: say(provider.name),
        service: say(provider.service),
        url: say(provider.url),
        email: say(provider.email),
        phone: say(provider.phone),
      },
      leadId: say(json.leadId),
      leadIdSource: say(json.leadIdSource),
      status: say(json.status),
      requestedAt: say(json.requestedAt),
      customer: {
        firstName: say(customer.firstName),
        middleName: say(customer.middleName),
        lastName: say(customer.lastName),
        fullName: say(customer.fullName) ?? say(customer.name),
        email: say(customer.email),
        emailPreferred: customer.preferredContact === 'email',
        phones: repeated ? phones : [main, ...phones],
        address: customer.address
          ? {
              lines: (customer.address.lines ?? []).map(say),
              city: say(customer.address.city),
              region: say(customer.address.region),
              postalCode: say(customer.address.postalCode),
              country: say(customer.address.country),
            }
          : null,
        comments: say(customer.comments),
        timeframe: say(customer.timeframe),
      },
      vehicles: [...(json.vehicle ? [json.vehicle] : []), ...(json.vehicles ?? [])].map(vehicleOf),
      tradeIn: json.tradeIn ? vehicleOf(json.tradeIn) : null,
      vendor: { name: say(vendor.name), id: say(vendor.id) },
    },
    book,
  )
  return { lead, notes: book.notes }
}
