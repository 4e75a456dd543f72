import { createHash } from 'node:crypto'
import { z } from 'zod'
import { DmsError, refuseStale } from './dms-errors.ts'
import type { Database } from './state.ts'
import type { Vehicle } from './stock.ts'

/** A vehicle as the DMS shows it. */
export const presentVehicle = (vehicle: Vehicle) => ({
  vehicleId: vehicle.vehicleId,
  stockNumber: vehicle.stockNumber,
  identification: { vin: vehicle.vin },
  specification: {
    make: vehicle.make,
    model: vehicle.model,
    modelYear: vehicle.year,
    trim: vehicle.trim,
    bodyStyle: vehicle.body,
  },
  exteriorColor: vehicle.exterior,
  interiorColor: vehicle.interior,
  mileage: { value: vehicle.mileage, units: 'MI' },
  status: vehicle.status,
  availability: vehicle.availability,
  price: { amount: vehicle.price, currency: 'USD' },
  heldFor: vehicle.heldFor ?? null,
  inventoryDate: new Date(Date.now() - vehicle.days * 86_400_000).toISOString().slice(0, 10),
})

/** A store that was opened before vehicles had an age has young ones. */
export const allVehicles = (db: Database): Vehicle[] =>
  db
    .prepare('select body from dms_vehicle order by id')
    .all()
    .map((row) => ({ days: 0, ...JSON.parse(String(row['body'])) }) as Vehicle)

/** The filters of the inventory search, by query parameter; texts are compared without regard to case. */
const vehicleFilters: Readonly<Record<string, (vehicle: Vehicle) => string>> = {
  make: ({ make }) => make,
  model: ({ model }) => model,
  modelYear: ({ year }) => String(year),
  trim: ({ trim }) => trim,
  stockNumber: ({ stockNumber }) => stockNumber,
  vin: ({ vin }) => vin,
  status: ({ status }) => status,
  availability: ({ availability }) => availability,
}

/** The vehicles that fit every filter of the query. */
export const findVehicles = (db: Database, query: Readonly<Record<string, string>>): Vehicle[] =>
  allVehicles(db).filter((vehicle) =>
    Object.entries(vehicleFilters).every(([name, of]) => {
      const asked = query[name]
      return asked === undefined || of(vehicle).toLowerCase() === asked.toLowerCase()
    }),
  )

export const VehicleChange = z.object({
  price: z.object({ amount: z.number().min(0), currency: z.literal('USD') }).optional(),
  heldFor: z.string().min(1).max(200).nullable().optional(),
})

export const readVehicle = (db: Database, id: string): Vehicle => {
  const row = db.prepare('select body from dms_vehicle where id = ?').get(id)
  if (row === undefined) throw new DmsError(404, 'NOT-FOUND', `Vehicle ${id} not found`)
  return { days: 0, ...JSON.parse(String(row['body'])) } as Vehicle
}

export const vehicleTag = (vehicle: Vehicle): string =>
  `"${createHash('sha256').update(JSON.stringify(vehicle)).digest('hex').slice(0, 32)}"`

/** Changes a vehicle when `ifMatch` is its present tag. */
export const changeVehicle = (
  db: Database,
  id: string,
  { price, heldFor }: z.output<typeof VehicleChange>,
  ifMatch: string | undefined,
): Vehicle => {
  const now = readVehicle(db, id)
  refuseStale(vehicleTag(now), ifMatch)
  const next = {
    ...now,
    ...(price === undefined ? {} : { price: price.amount }),
    ...(heldFor === undefined ? {} : { heldFor }),
  }
  db.prepare('update dms_vehicle set body = ? where id = ?').run(JSON.stringify(next), id)
  return next
}
