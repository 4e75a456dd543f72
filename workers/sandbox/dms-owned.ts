import { carried } from './catalogue.ts'
import { pick, seeded, whole } from './random.ts'
import type { Database } from './state.ts'
import { makeVin } from './vin.ts'

type Owner = { customerId: string; firstName: string; lastName: string; email: string; phone: string }
type Visit = { daysAgo: number; mileage: number; operation: string }
type Stored = { vin: string; make: string; model: string; modelYear: number; owner: Owner; visit: Visit }

const works = ['Oil and filter', 'Brake inspection', 'Tires rotated', '30,000 mile service', 'Battery replaced']

/** Gives a customer the vehicle that they bring to the workshop, the same every time; every other one is overdue. */
export const addOwned = (db: Database, at: number, owner: Owner): void => {
  const random = seeded(`owned ${at}`)
  const line = carried[at % carried.length] ?? pick(random, carried)
  const modelYear = 2019 + (at % 5)
  const daysAgo = at % 2 === 0 ? whole(random, 200, 420) : whole(random, 20, 150)
  const stored: Stored = {
    vin: makeVin(random, line.maker, modelYear, 700_001 + at),
    make: line.make,
    model: line.model,
    modelYear,
    owner,
    visit: { daysAgo, mileage: (2026 - modelYear) * whole(random, 8000, 13_000), operation: pick(random, works) },
  }
  db.prepare('insert into dms_owned_vehicle values (?, ?)').run(stored.vin, JSON.stringify(stored))
}

const present = ({ vin, make, model, modelYear, owner, visit }: Stored) => ({
  identification: { vin },
  specification: { make, model, modelYear },
  owner,
  lastService: {
    date: new Date(Date.now() - visit.daysAgo * 86_400_000).toISOString().slice(0, 10),
    mileage: visit.mileage,
    operation: visit.operation,
  },
})

/** Vehicles of customers that fit every filter of the query. */
export const findOwned = (db: Database, query: Readonly<Record<string, string>>): ReturnType<typeof present>[] => {
  const { make, model, vin, modelYearFrom, modelYearTo, lastServiceBefore } = query
  const is = (asked: string | undefined, actual: string) =>
    asked === undefined || asked.toLowerCase() === actual.toLowerCase()
  return db
    .prepare('select body from dms_owned_vehicle order by vin')
    .all()
    .map((row) => present(JSON.parse(String(row['body'])) as Stored))
    .filter(
      ({ identification, specification, lastService }) =>
        is(make, specification.make) &&
        is(model, specification.model) &&
        is(vin, identification.vin) &&
        specification.modelYear >= Number(modelYearFrom ?? 0) &&
        specification.modelYear <= Number(modelYearTo ?? 9999) &&
        (lastServiceBefore === undefined || lastService.date < lastServiceBefore),
    )
}
