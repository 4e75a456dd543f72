import type { Scenario } from '#schemas/sandbox.ts'
import { type Line, carried, colours, elsewhere } from './catalogue.ts'
import { makePerson } from './lead-people.ts'
import { type Topic, phrases, sentinels, timeframes } from './lead-phrases.ts'
import { type AskedVehicle, type LeadFacts, renderAdf } from './lead-xml.ts'
import { type Random, chance, pick, seeded, whole } from './random.ts'
import { type Vehicle, makeStock } from './stock.ts'

export type MadeLead = {
  /** The provider's id of the lead. */
  id: string
  scenario: Scenario
  xml: string
  json: ReturnType<typeof toJson>
}

export type LeadOptions = {
  /** Which sandbox made it: keeps the ids of two sandboxes apart. */
  instance?: string
  /** The number of the lead within its instance; the seed decides when it is left out. */
  serial?: number
  scenario?: Scenario
  /** When the customer asked; now when left out. */
  requestedAt?: Date
}

const providers = [
  { code: 'AW', name: 'AutoWorld', service: 'Used car listings', url: 'https://autoworld.example' },
  { code: 'CF', name: 'CarFinder', service: 'Price request', url: 'https://carfinder.example' },
  { code: 'TB', name: 'TradeBook', service: 'Instant offer', url: 'https://tradebook.example' },
  { code: 'LS', name: 'NorthstarMotors.example', service: 'Dealer web site', url: 'https://northstar-motors.example' },
] as const

/** How often each topic is written about; what is left is about everything else. */
const mix: readonly (readonly [Topic, number])[] = [
  ['buy', 0.4],
  ['test_drive', 0.2],
  ['trade_in', 0.16],
  ['finance', 0.12],
  ['service', 0.08],
]

const stock = makeStock()

const chooseTopic = (random: Random): Topic => {
  let left = random()
  return mix.find(([, share]) => (left -= share) < 0)?.[0] ?? 'other'
}

const fromStock = (vehicle: Vehicle, interest: AskedVehicle['interest']): AskedVehicle => ({
  interest,
  status: vehicle.status === 'NEW' ? 'new' : 'used',
  year: vehicle.year,
  make: vehicle.make,
  model: vehicle.model,
  trim: vehicle.trim,
  stock: vehicle.stockNumber,
  vin: vehicle.vin,
  odometer: vehicle.status === 'NEW' ? null : vehicle.mileage,
  price: vehicle.price,
  colour: vehicle.exterior,
})

const fromLine = (random: Random, line: Line, interest: AskedVehicle['interest'], year: number): AskedVehicle => ({
  interest,
  status: interest === 'trade-in' || year < 2025 ? 'used' : 'new',
  year,
  make: line.make,
  model: line.model,
  trim: pick(random, line.trims),
  stock: null,
  vin: null,
  odometer: interest === 'trade-in' ? (2026 - year) * whole(random, 9000, 15000) : null,
  price: null,
  colour: chance(random, 0.5) ? pick(random, colours) : null,
})

const title = (vehicle: AskedVehicle): string => `${vehicle.year} ${vehicle.make} ${vehicle.model}`

/** The same lead in the JSON form, for receivers that take no XML. */
const toJson = ({ id, provider, requestedAt, person, vehicles, comments, timeframe }: LeadFacts) => {
  const present = vehicles.map(({ colour, price, odometer, ...vehicle }) => ({
    ...vehicle,
    exteriorColor: colour,
    price: price === null ? null : { amount: price, currency: 'USD', type: 'asking' },
    odometer: odometer === null ? null : { value: odometer, units: 'mi' as const },
  }))
  return {
    leadId: id,
    status: 'new' as const,
    requestedAt: requestedAt.toISOString(),
    provider: { name: provider.name, service: provider.service, url: provider.url },
    customer: {
      firstName: person.first,
      lastName: person.last,
      email: person.email,
      phone: person.phone,
      comments,
      timeframe,
    },
    vehicles: present.filter(({ interest }) => interest !== 'trade-in'),
    tradeIn: present.find(({ interest }) => interest === 'trade-in') ?? null,
    vendor: { name: 'Northstar Motors (sandbox)', id: 'D-1207' },
  }
}

/**
 * Makes a realistic lead: the same seed and options give the same one. Most ask about a vehicle on the lot (or just
 * sold), some about one that the store does not carry.
 */
export const makeLead = (seed: string | number, options: LeadOptions = {}): MadeLead => {
  const random = seeded(`lead:${seed}`)
  const serial = options.serial ?? (typeof seed === 'number' ? seed : whole(random, 1, 999_999))
  const topic = chooseTopic(random)
  const scenario = options.scenario ?? topic
  const about: Topic = scenario in phrases ? (scenario as Topic) : topic
  const provider = pick(random, providers)
  const drawn = makePerson(random, serial)
  const person = scenario === 'mail_refused' ? { ...drawn, email: `bounce+${serial}@example.com` } : drawn

  const interest = about === 'test_drive' ? 'test-drive' : about === 'finance' && chance(random, 0.4) ? 'lease' : 'buy'
  const wanted = chance(random, 0.8)
    ? fromStock(pick(random, stock), interest)
    : fromLine(random, pick(random, chance(random, 0.5) ? elsewhere : carried), interest, whole(random, 2022, 2026))
  const owned = fromLine(random, pick(random, [...elsewhere, ...carried]), 'trade-in', whole(random, 2012, 2021))
  const trades = about === 'trade_in' || (about !== 'service' && chance(random, 0.12))
  const asked = about === 'service' ? [{ ...owned, interest: 'buy' as const }] : trades ? [wanted, owned] : [wanted]

  const text = pick(random, phrases[about]).replaceAll('{car}', title(wanted)).replaceAll('{trade}', title(owned))
  const sentinel = sentinels[scenario]
  const facts: LeadFacts = {
    id: `${provider.code}-${options.instance ?? 'seed'}-${String(serial).padStart(6, '0')}`,
    provider,
    requestedAt: options.requestedAt ?? new Date(),
    person,
    vehicles: asked,
    comments: sentinel === undefined ? text : `${text} ${sentinel}`,
    timeframe: chance(random, 0.7) ? pick(random, timeframes) : null,
  }
  return { id: facts.id, scenario, xml: renderAdf(random, facts), json: toJson(facts) }
}
