import { Validator, type Schema } from '@cfworker/json-schema'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { connectDatabase } from '#activities/database.ts'
import { gatewayOf, sandboxModel } from '#activities/gateway/fixture.ts'
import type { JsonObject } from '#schemas/automation/json.ts'
import { operations, type OperationId } from '#schemas/connectors/operations.ts'
import type { Truth } from '#schemas/sandbox.ts'
import { openSandbox } from '#workers/sandbox/fixture.ts'
import { sandboxSystems } from '#workers/config.ts'
import { connect, type SystemsConfig } from './connect.ts'
import { operationActivities } from './operations.ts'

const sandbox = await openSandbox()
const { call, url } = sandbox
// no operation of these tests asks the database
const db = connectDatabase({
  databaseUrl: 'postgres://localhost:1/none',
  key: Buffer.alloc(32).toString('base64'),
  name: 'test',
})
afterAll(async () => {
  await sandbox[Symbol.asyncDispose]()
  await db.close()
})
beforeEach(() => call('POST', '/control/reset', {}))

const systems = sandboxSystems(url, 'Sales <sales@example.com>')
const { gateway } = gatewayOf(sandboxModel(url))
const performing = (over: Partial<SystemsConfig> = {}) =>
  operationActivities({ db, gateway, connectors: connect({ ...systems, ...over, sandbox: true, rehearsal: null }) })
const perform = performing()

const truth = async (): Promise<Truth> => (await call('GET', '/truth')).body as Truth

/** Does an operation as a step would, and holds its answer against what the table promises. */
const act = async (id: OperationId, input: JsonObject, step = `${id}#0`, by = perform): Promise<JsonObject> => {
  const answer = await by[id]({ tenant: 'tnt', run: 'run_1', origin: 'run_1', step, test: false, input })
  const { errors } = new Validator(operations[id]!.output as Schema, '2020-12', false).validate(answer)
  expect(errors, `what ${id} gave`).toEqual([])
  return answer as JsonObject
}
const losing = async (system: string, work: () => Promise<unknown>) => {
  await call('PATCH', `/control/systems/${system}`, { errorRate: 1, fault: 'after' })
  await expect(work()).rejects.toMatchObject({ code: 'connector_unavailable' })
  await call('PATCH', `/control/systems/${system}`, { errorRate: 0 })
}

const text = { to: '+1 512 555 0142', text: 'See you at ten.' }

test('a text whose answer was lost is not sent again; other words go out', async () => {
  const lost = await fetch(`${url}/sms/2010-04-01/Accounts/ACsandbox/Messages.json`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa('ACsandbox:sandbox-sms')}` },
    body: new URLSearchParams({ To: text.to, From: '+15125550100', Body: text.text }),
  })
  const { sid } = (await lost.json()) as { sid: string }
  expect(await act('sms.send', text)).toEqual({ message: sid })
  await act('sms.send', { ...text, text: 'Or at eleven?' })
  expect((await truth()).texts).toMatchObject([{ to: text.to, text: text.text }, { text: 'Or at eleven?' }])
  await losing('sms', () => act('sms.send', text))
})

test('a number that wrote STOP is refused for good, and where no text messages are connected the step says so', async () => {
  await expect(act('sms.send', { ...text, to: '+1 512 555 0199' })).rejects.toMatchObject({ code: 'text_refused' })
  await expect(act('sms.send', { ...text, to: 'mobile phone' })).rejects.toMatchObject({ code: 'text_refused' })
  const without = performing({ sms: null })
  await expect(act('sms.send', text, 's#0', without)).rejects.toMatchObject({ code: 'not_connected' })
  const stranger = performing({ sms: { ...systems.sms, token: 'other' } })
  await expect(act('sms.send', text, 's#0', stranger)).rejects.toMatchObject({ code: 'connector_refused' })
})

test('what a contact agreed to is read, and nothing may be sent to one who wants to hear nothing', async () => {
  const { contact } = await act('crm.upsert_contact', {
    email: 'dana@example.com',
    phone: '+1 512 555 0142',
    firstName: 'Dana',
  })
  expect(await act('crm.read_contact', { contact: contact! })).toEqual({
    contact,
    name: 'Dana',
    email: 'dana@example.com',
    phone: '+1 512 555 0142',
    mayMail: true,
    mayText: 'unknown',
    stopped: false,
  })
  await act('crm.stop_contact', { contact: contact!, why: 'Said so on the phone.' })
  const stopped = { mayMail: false, mayText: 'no', stopped: true }
  expect(await act('crm.read_contact', { contact: contact! })).toMatchObject(stopped)
})

test('open deals are found by what they are about, with who waits for them; closed ones are not', async () => {
  const { contact } = await act('crm.upsert_contact', { email: 'dana@example.com', firstName: 'Dana' })
  const deal = { title: 'Outback U24007', contact: contact! }
  const first = await act('crm.upsert_deal', { ...deal, key: 'a', amount: 31_000 })
  await act('crm.upsert_deal', { ...deal, key: 'b', stage: 'closedlost' })
  await act('crm.upsert_deal', { title: 'Another car', key: 'c' })
  expect(await act('crm.find_deals', { words: 'U24007' })).toEqual({
    count: 1,
    deals: [
      {
        id: first['deal'],
        title: 'Outback U24007',
        stage: 'appointmentscheduled',
        amount: 31_000,
        contact,
        name: 'Dana',
        email: 'dana@example.com',
        phone: null,
      },
    ],
  })
})

test('an appointment is booked once, read, confirmed and moved', async () => {
  const booking = { kind: 'service', at: '2026-12-01T09:00:00-06:00', customer: 'Dana', vehicle: '2021 Outback' }
  const before = (await truth()).appointments.length
  await losing('dms', () => act('dms.book_appointment', booking))
  const { appointment } = (await act('dms.book_appointment', booking)) as { appointment: { id: string } }
  expect((await truth()).appointments.length).toBe(before + 1)
  const id = appointment.id
  await act('dms.change_appointment', { appointment: id, status: 'confirmed' })
  await act('dms.change_appointment', { appointment: id, at: '2026-12-02T10:00:00-06:00' })
  expect(await act('dms.read_appointment', { appointment: id })).toMatchObject({
    appointment: { status: 'confirmed', at: '2026-12-02T10:00:00-06:00', customer: 'Dana', kind: 'service' },
  })
  expect(await act('dms.read_appointment', { appointment: '999' })).toEqual({ appointment: null })
  await expect(act('dms.change_appointment', { appointment: id })).rejects.toMatchObject({ code: 'invalid' })
})

test('the workshop’s files tell who drives what and has not been seen for long', async () => {
  const { vehicles, count } = (await act('dms.find_owned_vehicles', {})) as never as {
    vehicles: { lastVisit: string; make: string; year: number }[]
    count: number
  }
  expect(vehicles.length).toBe(count)
  expect(vehicles.map((one) => one.lastVisit)).toEqual(vehicles.map((one) => one.lastVisit).toSorted())
  const overdue = await act('dms.find_owned_vehicles', { notSeenFor: 180, most: 1 })
  expect(overdue).toMatchObject({ vehicles: [vehicles[0]], count: 3 })
  const { make, year } = vehicles[0]!
  expect(await act('dms.find_owned_vehicles', { make, fromYear: year, toYear: year })).toMatchObject({ count: 1 })
})

test('a price is changed, and a vehicle is held for one and refused to another until it is released', async () => {
  const { vehicles } = (await act('dms.find_vehicles', { most: 1 })) as { vehicles: { stock: string }[] }
  const { stock } = vehicles[0]!
  await act('dms.change_price', { stock, price: 19_990 })
  expect(await act('dms.find_vehicles', { stock })).toMatchObject({ vehicles: [{ price: 19_990 }] })
  await act('dms.hold_vehicle', { stock, for: 'deal-7' })
  expect(await act('dms.hold_vehicle', { stock, for: 'deal-7' })).toEqual({ stock, held: true })
  await expect(act('dms.hold_vehicle', { stock, for: 'deal-8' })).rejects.toMatchObject({ code: 'connector_refused' })
  expect(await act('dms.release_vehicle', { stock, for: 'deal-8' })).toEqual({ stock, held: true })
  expect(await act('dms.release_vehicle', { stock, for: 'deal-7' })).toEqual({ stock, held: false })
  expect(await act('dms.hold_vehicle', { stock, for: 'deal-8' })).toEqual({ stock, held: true })
  await expect(act('dms.hold_vehicle', { stock: 'X1', for: 'a' })).rejects.toMatchObject({ code: 'connector_refused' })
})
