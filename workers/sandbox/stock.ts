import { carried, colours, interiors } from './catalogue.ts'
import { chance, pick, seeded, whole } from './random.ts'
import { makeVin } from './vin.ts'

/** A vehicle of the store; `price` in dollars, `mileage` in miles. */
export type Vehicle = {
  vehicleId: string
  stockNumber: string
  vin: string
  status: 'NEW' | 'USED' | 'CERTIFIED'
  availability: 'AVAILABLE' | 'SOLD'
  year: number
  make: string
  model: string
  trim: string
  body: string
  exterior: string
  interior: string
  price: number
  mileage: number
  /** Days on the lot; the pretend lot does not age, so that there are fresh and old units on any day. */
  days: number
  /** For whom the store keeps it. */
  heldFor?: string | null
}

/** Lots keep about a tenth of sold units in the system until the books close. */
const SOLD = 0.1

/** The lot of `count` vehicles, the same every time. Every model line is on it at least once when `count` >= 16. */
export const makeStock = (count = 120): Vehicle[] => {
  const random = seeded('stock')
  const ages = seeded('days in stock')
  return Array.from({ length: count }, (_, at) => {
    const line = carried[at] ?? pick(random, carried)
    const used = chance(random, 0.4)
    const year = used ? whole(random, 2017, 2024) : whole(random, 2025, 2026)
    const trimAt = whole(random, 0, line.trims.length - 1)
    const age = 2026 - year
    const listed = line.price * (1 + trimAt * 0.14)
    return {
      vehicleId: `v${1001 + at}`,
      stockNumber: `${used ? 'U' : 'N'}${24001 + at}`,
      vin: makeVin(random, line.maker, year, 100001 + at),
      status: used ? (age <= 5 && chance(random, 0.5) ? 'CERTIFIED' : 'USED') : 'NEW',
      availability: chance(random, SOLD) ? 'SOLD' : 'AVAILABLE',
      year,
      make: line.make,
      model: line.model,
      trim: line.trims[trimAt] ?? '',
      body: line.body,
      exterior: pick(random, colours),
      interior: pick(random, interiors),
      price: Math.round((used ? listed * 0.89 ** age : listed) / 10) * 10,
      days: whole(ages, 0, used ? 140 : 90),
      mileage: used ? age * whole(random, 8000, 14000) : whole(random, 3, 60),
    }
  })
}
