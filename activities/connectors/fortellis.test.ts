import { afterAll, beforeEach, expect, test } from 'vitest'
import { openSandbox } from '#workers/sandbox/fixture.ts'
import { leadOf } from './fixture.ts'
import { Fortellis } from './fortellis.ts'
import { checkStock } from './stock.ts'

const sandbox = await openSandbox()
const { call } = sandbox
afterAll(() => sandbox[Symbol.asyncDispose]())
beforeEach(() => call('POST', '/control/reset', {}))

const client = (over: Partial<ConstructorParameters<typeof Fortellis>[0]> = {}) =>
  new Fortellis({
    url: `${sandbox.url}/dms`,
    clientId: 'sandbox-client',
    clientSecret: 'sandbox-secret',
    subscriptionId: 'sandbox-subscription',
    ...over,
  })
const any = { make: null, model: null, modelYear: null, stockNumber: null, vin: null }
const requests = async () => (await call('GET', '/control')).body.systems.dms.requests as number

test('one token serves many calls, also those that begin together', async () => {
  const dms = client()
  const before = await requests()
  await Promise.all(Array.from({ length: 5 }, () => dms.vehicles(any)))
  await dms.vehicles(any)
  expect((await requests()) - before).toBe(1 + 5 + 1)
})

test('a token that was revoked is renewed in the same call', async () => {
  const dms = client()
  const lot = await dms.vehicles(any)
  await call('POST', '/control/systems/dms/revoke', {})
  expect(await dms.vehicles(any)).toEqual(lot)
})

test('a token that lives shorter than a minute is used, and renewed when it has run out', async () => {
  await call('PATCH', '/control/systems/dms', { tokenSeconds: 1 })
  const dms = client()
  const lot = await dms.vehicles(any)
  expect(await dms.vehicles(any)).toEqual(lot)
})

test('a wrong secret and a wrong subscription are refused for good, an outage is not', async () => {
  await expect(client({ clientSecret: 'wrong' }).vehicles(any)).rejects.toMatchObject({ code: 'connector_refused' })
  await expect(client({ subscriptionId: 'other' }).vehicles(any)).rejects.toMatchObject({ code: 'connector_refused' })
  await call('PATCH', '/control/systems/dms', { outage: 'cut' })
  const dms = client()
  await expect(dms.vehicles(any)).rejects.toMatchObject({ code: 'connector_unavailable' })
  await call('PATCH', '/control/systems/dms', { outage: 'none' })
  expect((await dms.vehicles(any)).length).toBeGreaterThan(0)
})

test('the very vehicle is found by stock number or VIN, others like it stand beside it', async () => {
  const [vehicle] = await client().vehicles(any)
  const { make, model } = vehicle!.specification
  for (const named of [{ stock: vehicle!.stockNumber }, { vin: vehicle!.identification.vin }]) {
    const found = await checkStock(client(), leadOf({}, { vehicles: [{ ...named, make, model }] }))
    expect(found.exact.map((one) => one.stock)).toEqual([vehicle!.stockNumber])
    expect(found.similar.map((one) => one.stock)).not.toContain(vehicle!.stockNumber)
  }
  expect(await checkStock(client(), leadOf({}))).toEqual({ asked: null, exact: [], similar: [] })
})
