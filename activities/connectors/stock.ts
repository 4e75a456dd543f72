import type { Lead, LeadVehicle } from '#schemas/leads/lead.ts'
import type { StockCheck, StockVehicle } from '#schemas/leads/run.ts'
import type { DmsVehicle, Fortellis } from './fortellis.ts'

/** How many vehicles are shown to the person who decides. */
const shown = 5

/** As the person who decides is shown it. */
export const toStock = (vehicle: DmsVehicle): StockVehicle => {
  const { modelYear, make, model, trim } = vehicle.specification
  return {
    stock: vehicle.stockNumber,
    vin: vehicle.identification.vin,
    title: [modelYear, make, model, trim].filter(Boolean).join(' '),
    year: modelYear,
    price: vehicle.price?.amount ?? null,
    color: vehicle.exteriorColor,
  }
}

/** Looks the wanted vehicle up on the lot: the very one by stock number or VIN, else its model, nearest year first. */
export async function checkStock(dms: Fortellis, lead: Lead): Promise<StockCheck> {
  const wanted = lead.vehicles[0]
  if (wanted === undefined) return { asked: null, exact: [], similar: [] }
  const asked =
    [wanted.year, wanted.make, wanted.model, wanted.trim].filter(Boolean).join(' ') || wanted.stock || wanted.vin
  const exact = await theVeryOne(dms, wanted)
  const alike = wanted.make === null ? [] : await dms.vehicles({ make: wanted.make, model: wanted.model })
  const known = new Set(exact.map((vehicle) => vehicle.vehicleId))
  const distance = (vehicle: DmsVehicle) => Math.abs(vehicle.specification.modelYear - (wanted.year ?? 9999))
  const similar = alike.filter((vehicle) => !known.has(vehicle.vehicleId)).sort((a, b) => distance(a) - distance(b))
  return {
    asked: asked ?? null,
    exact: exact.slice(0, shown).map(toStock),
    similar: similar.slice(0, shown).map(toStock),
  }
}

const theVeryOne = async (dms: Fortellis, { stock, vin }: LeadVehicle): Promise<DmsVehicle[]> => {
  if (stock !== null) {
    const found = await dms.vehicles({ stockNumber: stock })
    if (found.length > 0) return found
  }
  return vin === null ? [] : dms.vehicles({ vin })
}
