import { afterAll, beforeEach, expect, test } from 'vitest'
import { openSandbox } from '#workers/sandbox/fixture.ts'
import { matchCustomer } from './customer.ts'
import { leadOf } from './fixture.ts'
import { Hubspot } from './hubspot.ts'

const sandbox = await openSandbox()
const { call } = sandbox
afterAll(() => sandbox[Symbol.asyncDispose]())
beforeEach(() => call('POST', '/control/reset', {}))

const crm = new Hubspot({ url: `${sandbox.url}/crm`, token: 'pat-sandbox' })
const switches = (change: object) => call('PATCH', '/control/systems/crm', change)
const contacts = async (lead: string) =>
  ((await call('GET', '/truth')).body.contacts as { lead: string | null }[]).filter((one) => one.lead === lead)
const match = (lead: ReturnType<typeof leadOf>, key: string, id = key) => matchCustomer(crm, key, lead, id)

test('an upsert whose answer was lost leaves one object when it is tried again', async () => {
  await switches({ errorRate: 1, fault: 'after' })
  const write = () => crm.upsert('deals', 'lead-1', { dealname: 'Outback', auterity_lead_id: 'L1' })
  await expect(write()).rejects.toMatchObject({ code: 'connector_unavailable' })
  await switches({ errorRate: 0 })
  expect(await write()).toMatchObject({ created: false })
  expect((await call('GET', '/truth')).body.deals).toHaveLength(1)
})

test('a customer is created once, and found again by e-mail whatever its case', async () => {
  const first = await match(leadOf({ email: 'dana@example.com' }), 'L1')
  expect(first).toMatchObject({ created: true, name: 'Dana Whitfield' })
  const again = await match(leadOf({ email: 'Dana@Example.com' }), 'L2')
  expect(again).toEqual({ ...first, created: false })
})

test('a customer whose creation was not answered is found by the next try', async () => {
  const lead = leadOf({ email: 'dana@example.com' })
  await switches({ errorRate: 0.5, fault: 'after' })
  const tries = async (): Promise<Awaited<ReturnType<typeof match>>> => match(lead, 'L1').catch(tries)
  await tries()
  await switches({ errorRate: 0 })
  expect(await match(lead, 'L1')).toMatchObject({ created: false })
  expect(await contacts('L1')).toHaveLength(1)
})

test.each([
  ['the same e-mail address', { email: 'dana@example.com' }],
  ['the same phone number', { phone: '+1 512 555 0142' }],
])('eight leads at once with %s make one customer', async (_, customer) => {
  const found = await Promise.all(
    Array.from({ length: 8 }, (_one, at) => match(leadOf(customer), `race-${at}`, 'race')),
  )
  expect(new Set(found.map((one) => one.contact)).size).toBe(1)
  expect(await contacts('race')).toHaveLength(1)
})

test('two customers who left nothing but their names are two', async () => {
  const [one, other] = await Promise.all([match(leadOf({}), 'L1'), match(leadOf({}), 'L2')])
  expect(one.contact).not.toBe(other.contact)
})

test('a limit that is reached, an outage and a wrong token are told apart', async () => {
  await switches({ outage: 'unavailable' })
  await expect(match(leadOf({}), 'L1')).rejects.toMatchObject({ code: 'connector_unavailable', extra: { status: 503 } })
  await switches({ outage: 'none', rateLimit: 1 })
  const many = await Promise.allSettled([match(leadOf({}), 'L1'), match(leadOf({}), 'L2')])
  expect(many.filter((one) => one.status === 'rejected')).toMatchObject([
    { reason: { code: 'connector_unavailable', extra: { status: 429 } } },
    { reason: { code: 'connector_unavailable', extra: { status: 429 } } },
  ])
  const stranger = new Hubspot({ url: `${sandbox.url}/crm`, token: 'pat-wrong' })
  await expect(stranger.findContact('a@example.com', 'email')).rejects.toMatchObject({ code: 'connector_refused' })
})
