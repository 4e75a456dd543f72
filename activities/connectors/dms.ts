import type { Json } from '#schemas/automation/json.ts'
import { Fault } from '#schemas/errors.ts'
import type { Lead } from '#schemas/leads/lead.ts'
import { systemsOf, type Connectors } from './connect.ts'
import type { DmsCustomer, DmsVehicle } from './fortellis.ts'
import { performing } from './perform.ts'
import { checkStock, toStock } from './stock.ts'

type Wanted = {
  make?: string
  model?: string
  year?: number
  stock?: string
  vin?: string
  condition?: string
  maxPrice?: number
  minDays?: number
  most?: number
}
type Person = Partial<Record<'email' | 'phone' | 'firstName' | 'lastName', string>>

const day = 86_400_000

/** The operations of the DMS. */
export const dmsActivities = (connectors: Connectors) => ({
  'dms.check_stock': performing<{ lead: Lead }>('dms.check_stock', ({ lead }, call) =>
    checkStock(systemsOf(connectors, call).dms, lead),
  ),

  'dms.find_vehicles': performing<Wanted>('dms.find_vehicles', async (wanted, call) => {
    const listed = await systemsOf(connectors, call).dms.vehicles({
      make: wanted.make ?? null,
      model: wanted.model ?? null,
      modelYear: wanted.year?.toString() ?? null,
      stockNumber: wanted.stock ?? null,
      vin: wanted.vin ?? null,
      status: wanted.condition?.toUpperCase() ?? null,
    })
    const now = Date.now()
    const fit = listed
      .map((vehicle) => toVehicle(vehicle, now))
      .filter(
        ({ price, days }) =>
          (wanted.maxPrice === undefined || (price !== null && price <= wanted.maxPrice)) &&
          (wanted.minDays === undefined || (days !== null && days >= wanted.minDays)),
      )
      .sort((a, b) => (b.days ?? -1) - (a.days ?? -1))
    return { vehicles: fit.slice(0, wanted.most ?? 20), count: fit.length }
  }),

  'dms.find_customer': performing<Person>('dms.find_customer', async (person, call) => {
    if (Object.keys(person).length === 0)
      throw new Fault('invalid', 'A customer is looked for by e-mail, phone or name; none was given.')
    const [found] = await systemsOf(connectors, call).dms.customers(person)
    return { customer: found === undefined ? null : toCustomer(found) }
  }),
})

const toVehicle = (vehicle: DmsVehicle, now: number) => {
  const { make, model, trim } = vehicle.specification
  const since = vehicle.inventoryDate ?? null
  return {
    ...toStock(vehicle),
    make,
    model,
    trim,
    condition: vehicle.status.toLowerCase(),
    mileage: vehicle.mileage?.value ?? null,
    since,
    days: since === null ? null : Math.max(Math.floor((now - Date.parse(since)) / day), 0),
  }
}

const toCustomer = ({ customerId, name, contactMethods, postalAddress }: DmsCustomer): Json => ({
  id: customerId,
  firstName: name.first ?? null,
  lastName: name.last ?? null,
  email: contactMethods?.email1 ?? contactMethods?.email2 ?? null,
  phone: contactMethods?.mobilePhone ?? contactMethods?.primaryPhone ?? contactMethods?.homePhone ?? null,
  city: postalAddress?.city ?? null,
  postalCode: postalAddress?.postalCode ?? null,
})
