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
