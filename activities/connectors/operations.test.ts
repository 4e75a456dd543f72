import { Validator, type Schema } from '@cfworker/json-schema'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Json, JsonObject } from '#schemas/automation/json.ts'
import { operations, type OperationId } from '#schemas/connectors/operations.ts'
import type { Truth } from '#schemas/sandbox.ts'
import { makeLead } from '#workers/sandbox/leads.ts'
import { openSandbox } from '#workers/sandbox/fixture.ts'
import { withTenant } from '#activities/database.ts'
import { requestRuns } from '#activities/runs/store-request.ts'
import { gatewayOf, sandboxModel } from '#activities/gateway/fixture.ts'
import { newId } from '#schemas/ids.ts'
import { testDatabase, type TestDatabase } from '#test/harness/database.ts'
import { withKey } from '#test/harness/people.ts'
import { sandboxSystems } from '#workers/config.ts'
import { connect } from './connect.ts'
import { operationActivities } from './operations.ts'
import type { OperationCall } from './perform.ts'
import { drawn } from '#test/harness/drawn.ts'

const sandbox = await openSandbox()
const { call, url, crm } = sandbox
const systems = sandboxSystems(url, 'Sales <sales@example.com>')
const { gateway } = gatewayOf(sandboxModel(url))

let database: TestDatabase
let tenant: string
let run: string
let perform: ReturnType<typeof operationActivities>
const given = makeLead('operations', { scenario: 'buy' }).json
beforeAll(async () => {
  database = await testDatabase()
  const { ctx } = await withKey(database.db)
  tenant = ctx.tenant
  run = newId('run')
  await withTenant(database.db, ctx, (tx) =>
    requestRuns(tx, ctx, [{ run, automation: drawn, title: 'T', input: { lead: given } }]),
  )
  const connectors = connect({ ...systems, sandbox: true, rehearsal: null })
  perform = operationActivities({ db: database.db, gateway, connectors })
})
afterAll(async () => {
  await sandbox[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})
beforeEach(() => call('POST', '/control/reset', {}))

const truth = async (): Promise<Truth> => (await call('GET', '/truth')).body as Truth

/** Does an operation as a step would, and holds its answer against what the table promises. */
const act = async (id: OperationId, input: JsonObject, more: Partial<OperationCall> = {}): Promise<JsonObject> => {
  const answer = await perform[id]({ tenant, run, origin: run, step: `${id}#0`, test: false, input, ...more })
  const { valid, errors } = new Validator(operations[id]!.output as Schema, '2020-12', false).validate(answer)
  expect(errors, `what ${id} gave`).toEqual([])
  expect(valid).toBe(true)
  return answer as JsonObject
}
const readLead = async (): Promise<Json> => (await act('leads.read', {}))['lead']!

test('a lead walks from its run to the CRM and back to a person, step by step, as the table says', async () => {
  const lead = await readLead()
  const assessment = await act('leads.assess_by_rules', { lead })
  const customer = await act('crm.match_customer', { lead })
  const stock = await act('dms.check_stock', { lead })
  const record = await act('crm.record_lead', { lead, customer, assessment, stock })
  const sent = await act('mail.send_reply', { lead, text: 'Hello' })
  await act('crm.close_lead', { lead, record, what: 'sent', by: 'Robin' })
  expect(await act('crm.hand_back', { lead, why: 'Cancelled.' })).toMatchObject({ deal: record['deal']! })
  const { deals, notes, mails } = await truth()
  expect([deals.length, notes.length, mails.map(({ id }) => id)]).toEqual([1, 3, [sent['mail']]])
})

test('what was written is written once, though each answer is lost and the step tried again', async () => {
  const { contact } = await act('crm.upsert_contact', { email: 'dana@example.com', firstName: 'Dana', phone: null })
  const writes: [OperationId, JsonObject][] = [
    ['crm.upsert_deal', { title: 'Outback', amount: 31_000, contact: contact! }],
    ['crm.add_note', { contact: contact!, text: 'Called.' }],
    ['crm.create_task', { title: 'Call Dana', due: '2026-11-22T10:00:00Z', kind: 'call', contact: contact! }],
    ['mail.send', { to: 'dana@example.com', subject: 'Tomorrow', text: 'See you at ten.' }],
  ]
  for (const system of ['crm', 'mail'])
    await call('PATCH', `/control/systems/${system}`, { errorRate: 1, fault: 'after' })
  for (const [id, input] of writes)
    await expect(act(id, input)).rejects.toMatchObject({ code: 'connector_unavailable' })
  for (const system of ['crm', 'mail']) await call('PATCH', `/control/systems/${system}`, { errorRate: 0 })
  for (const [id, input] of writes) await act(id, input)
  const { deals, notes, tasks, mails } = await truth()
  expect([deals, notes, tasks, mails].map(({ length }) => length)).toEqual([1, 1, 1, 1])
  expect(tasks[0]!.properties).toMatchObject({ hs_task_subject: 'Call Dana', hs_task_type: 'CALL' })
  const links = await crm('GET', `/crm/v4/objects/tasks/${tasks[0]!.id}/associations/contacts`)
  expect(links.body.results).toMatchObject([{ toObjectId: Number(contact) }])
})

test('each turn of a loop writes its own, and a key of one’s own makes it the same again', async () => {
  const turn = (at: number, more: JsonObject = {}) =>
    act('crm.upsert_deal', { title: `Deal ${at}`, ...more }, { step: `deal#${at}` })
  await turn(1)
  await turn(2)
  expect(await turn(3, { key: 'order-7' })).toMatchObject({ created: true })
  expect(await turn(4, { key: 'order-7' })).toMatchObject({ created: false })
  expect((await truth()).deals.map(({ properties }) => properties['dealname'])).toEqual(['Deal 1', 'Deal 2', 'Deal 4'])
})

test('a contact is found by e-mail or phone, and changed where it is known', async () => {
  const reach = { email: 'Dana@example.com', phone: '+1 512 555 0142' }
  expect(await act('crm.find_contact', reach)).toEqual({ contact: null })
  const first = await act('crm.upsert_contact', { ...reach, city: 'Austin' })
  const again = await act('crm.upsert_contact', { email: 'dana@example.com', city: 'Dallas' }, { step: 'other#0' })
  expect(again).toEqual({ contact: first['contact'], created: false })
  expect(await act('crm.find_contact', { phone: reach.phone })).toMatchObject({
    contact: { id: first['contact'], email: 'dana@example.com', city: 'Dallas', lastName: null },
  })
})

test('vehicles are found by what is asked for, those that stand longest first', async () => {
  const { vehicles, count } = (await act('dms.find_vehicles', { condition: 'used', minDays: 60, most: 3 })) as {
    vehicles: { days: number; condition: string; price: number }[]
    count: number
  }
  expect([vehicles.length, count > 3]).toEqual([3, true])
  expect(vehicles.every(({ days, condition }) => days >= 60 && condition === 'used')).toBe(true)
  expect(vehicles.map(({ days }) => days)).toEqual(vehicles.map(({ days }) => days).toSorted((a, b) => b - a))
  expect(await act('dms.find_vehicles', { make: 'Trabant' })).toEqual({ vehicles: [], count: 0 })
})

test('a customer of the DMS is found by e-mail; nobody is nobody', async () => {
  expect(await act('dms.find_customer', { email: 'priya.raman@example.org' })).toMatchObject({
    customer: { firstName: 'Priya', phone: '(512) 555-0139', city: 'Austin' },
  })
  expect(await act('dms.find_customer', { lastName: 'Nobody' })).toEqual({ customer: null })
  await expect(act('dms.find_customer', { email: '' })).rejects.toMatchObject({ code: 'invalid' })
})

test('an input that does not fit is refused by name, before anything is written', async () => {
  await expect(act('crm.add_note', { deal: '1' })).rejects.toMatchObject({ code: 'invalid', message: /text/ })
  await expect(act('crm.upsert_deal', { title: 'x', amount: 'much' })).rejects.toMatchObject({
    message: /“Amount”/,
    extra: { issues: expect.arrayContaining([expect.objectContaining({ path: '/amount' })]) },
  })
  await expect(act('crm.add_note', { text: 'x' })).rejects.toMatchObject({ message: /neither was given/ })
  expect((await truth()).notes).toEqual([])
})

test('a test run reaches the sandbox only, and none of the real systems', async () => {
  const dead = { url: 'http://127.0.0.1:9', token: 'real' }
  const real = { ...systems, crm: dead, sandbox: false }
  const rehearsing = operationActivities({
    db: database.db,
    gateway,
    connectors: connect({ ...real, rehearsal: systems }),
  })
  const about = { tenant, run, origin: run, step: 'n#0', test: true, input: { title: 'Outback' } }
  expect(await rehearsing['crm.upsert_deal'](about)).toMatchObject({ created: true })
  const alone = operationActivities({ db: database.db, gateway, connectors: connect({ ...real, rehearsal: null }) })
  await expect(alone['crm.upsert_deal'](about)).rejects.toMatchObject({ code: 'sandbox_off' })
})
