import { Validator, type Schema } from '@cfworker/json-schema'
import { expect, test } from 'vitest'
import type { JsonObject } from '#schemas/automation/definition.ts'
import { Failure } from '#schemas/automation/failure.ts'
import { validate } from '#schemas/automation/validate.ts'
import { asText } from '#schemas/automation/value.ts'
import { operations } from '#schemas/connectors/operations.ts'
import { answers, appointment, playTemplate as play, type Story } from '#test/harness/dealership.ts'
import { needsOf, partsOf } from './needs.ts'
import { templates } from './list.ts'
import { reachHandle, type Template } from './template.ts'

const handles = templates.map(({ handle }) => handle)
const named = (handle: string): Template => templates.find((one) => one.handle === handle)!

test.each(templates)('$handle is sound as it is drawn, and its sample fits what it takes', (template) => {
  const { definition, sample, title, handle } = template
  expect(validate(definition, { automations: handles })).toEqual([])
  expect(new Validator(definition.input as Schema, '2020-12', false).validate(sample.input).errors).toEqual([])
  expect([definition.name, definition.nodes.every((node) => node.at !== undefined)]).toEqual([title, true])
  const ids = definition.nodes.map(({ id }) => id)
  for (const node of [...Object.keys(sample.pins ?? {}), ...Object.keys(sample.decisions ?? {})])
    expect(ids, handle).toContain(node)
})

test('there are twelve, each with a handle of its own, beside the part that they share', () => {
  expect(templates.filter(({ category }) => category !== 'part')).toHaveLength(12)
  expect(new Set(handles).size).toBe(handles.length)
})

test('what a template needs is read from its drawing: operations, events, and parts with the parts of those', () => {
  expect(needsOf(named('appointment-reminder').definition)).toEqual({
    operations: ['dms.read_appointment', 'dms.change_appointment', 'crm.create_task'],
    events: ['appointment.answered'],
    parts: [reachHandle],
  })
  expect(needsOf(named('aged-inventory').definition).operations).toContain('dms.change_price')
  expect(partsOf(named('aged-inventory')).map(({ handle }) => handle)).toEqual([reachHandle, 'price-drop'])
  expect(partsOf(named(reachHandle))).toEqual([])
})

test('nobody answers the reminder: somebody calls, before the appointment', async () => {
  const { came, done } = await play('appointment-reminder')
  expect(came).toBe('unconfirmed')
  const { at, input } = done.find(({ op }) => op === 'crm.create_task')!
  expect(input).toMatchObject({ kind: 'call', priority: 'high', contact: '1' })
  expect(at.toISOString()).toMatch(/^2026-12-20T06:00/)
})

test('an appointment that was cancelled meanwhile is not reminded of', async () => {
  const gone = { 'dms.read_appointment': { appointment: { ...appointment, status: 'cancelled' } } }
  expect(await play('appointment-reminder', { but: gone })).toMatchObject({ came: 'gone', hours: expect.closeTo(0, 2) })
})

test('a caller who does not write is called back by a person, who is reminded and then helped by a manager', async () => {
  const { came, ops } = await play('missed-call', { decide: 'approve', after: 1 })
  expect(came).toBe('called_back')
  expect(ops).toEqual(expect.arrayContaining(['remindApprover', 'escalateApproval']))
  expect((await play('missed-call', { decide: 'reject', after: 0.1 })).came).toBe('not_called')
})

test('owners who do not answer are reminded once and then called', async () => {
  const { came, ops, hours } = await play('service-due')
  expect(came).toBe('done')
  expect(ops.filter((op) => op === 'crm.create_task')).toHaveLength(1)
  expect(Math.round(hours / 24)).toBe(12)
  expect((await play('service-due', { but: { 'dms.find_owned_vehicles': { vehicles: [], count: 0 } } })).came).toBe(
    'nobody_due',
  )
})

test('an owner of a recalled car who does not answer for ten days is called', async () => {
  const { came, done, hours } = await play('recall-outreach', { decide: 'approve' })
  expect([came, Math.round(hours / 24)]).toEqual(['done', 10])
  expect(done.find(({ op }) => op === 'crm.create_task')!.input).toMatchObject({ title: 'Recall 26V-118: call Maria' })
  expect((await play('recall-outreach', { decide: 'reject' })).ops).not.toContain('crm.create_task')
})

test('an offer that is not answered in its days closes the deal; a car nobody wants is declined', async () => {
  const { came, done, hours } = await play('trade-in-appraisal', {
    decide: 'approve',
    values: { offer: 15_000, days: 3 },
    after: 5,
  })
  expect([came, Math.round(hours / 24)]).toEqual(['lost', 3])
  expect(done.filter(({ op }) => op === 'crm.upsert_deal').map(({ input }) => input['stage'])).toEqual([
    'presentationscheduled',
    'closedlost',
  ])
  expect((await play('trade-in-appraisal', { decide: 'reject' })).came).toBe('declined')
})

test('papers that never come: three reminders, then the manager unwinds and the car is released, or extends', async () => {
  const { came, ops } = await play('finance-documents', { decide: 'reject' })
  expect(came).toBe('unwound')
  expect(ops).toContain('dms.release_vehicle')
  const extended = await play('finance-documents', { decide: 'approve' })
  expect(extended.came).toBe('extended')
  expect(extended.ops).not.toContain('dms.release_vehicle')
})

test('a car that is held for somebody else is not promised twice: the run fails and holds nothing', async () => {
  const held = { 'dms.hold_vehicle': new Failure('connector_refused', 'Held for somebody else.') }
  const { came, ops } = await play('finance-documents', { but: held })
  expect(came).toMatchObject({ end: 'failed', failing: { code: 'connector_refused' } })
  expect(ops).toContain('dms.release_vehicle')
})

test('nobody waits for a notice that nobody reads: it runs out', async () => {
  expect(await play('price-drop')).toMatchObject({ came: 'rejected', hours: expect.closeTo(24, 1) })
  expect((await play('price-drop', { decide: 'approve' })).came).toBe('told')
  expect((await play('price-drop', { but: { 'dms.find_vehicles': { vehicles: [], count: 0 } } })).came).toBe('gone')
})

test('two silences after a test drive end in a last call, whether the car is still there or not', async () => {
  const { came, hours } = await play('test-drive-follow-up')
  expect([came, Math.round(hours / 24)]).toEqual(['quiet', 7])
  expect((await play('test-drive-follow-up', { but: { 'dms.find_vehicles': { vehicles: [], count: 0 } } })).came).toBe(
    'quiet',
  )
})

test('who does not say how it was is asked for a review all the same; who could not be asked is left', async () => {
  const { came, hours } = await play('review-request')
  expect([came, Math.round(hours / 24)]).toEqual(['asked', 10])
  const stopped = { run: 'run_2', outcome: 'do_not_contact', output: { contact: '1', channel: 'none' } }
  expect((await play('review-request', { reached: stopped })).came).toBe('not_asked')
})

test('prices stay as they are when the manager says no, and all go back when one change fails', async () => {
  const no = await play('aged-inventory', { decide: 'reject' })
  expect([no.came, no.ops.includes('dms.change_price')]).toEqual(['rejected', false])
  const broken = await play('aged-inventory', {
    decide: 'approve',
    but: { 'dms.change_price': new Failure('connector_refused', 'No.') },
  })
  expect(broken.came).toMatchObject({ end: 'failed' })
  expect(broken.done.filter(({ op }) => op === 'dms.change_price').map(({ input }) => input['price'])).toEqual([
    19_000, 20_000,
  ])
})

test('a delivery goes on with papers and answer missing, as tasks; one that is put off releases the car', async () => {
  const values = { washed: true, fuelled: false, plates: true, mileage: 7 }
  const { came, done } = await play('delivery-day', { decide: 'approve', values, after: 2 })
  expect(came).toBe('delivered')
  const tasks = done.filter(({ op }) => op === 'crm.create_task').map(({ input }) => asText(input['title'] ?? null))
  expect(tasks.toSorted((a, b) => a.localeCompare(b))).toEqual([
    'Call Priya Raman: delivery tomorrow',
    'Finish the 2026 Honda Pilot',
    'Papers of Raman, 2026 Honda Pilot',
  ])
  const off = await play('delivery-day', { decide: 'reject' })
  expect(off.came).toBe('put_off')
  expect(off.ops).toContain('dms.release_vehicle')
})

test('a lead waits for whoever is asked, and for a manager when they do not come', async () => {
  const { came, ops } = await play('lead-response', { decide: 'approve', after: 3 })
  expect(came).toBe('call')
  expect(ops).toContain('escalateApproval')
})

const contact = answers['crm.read_contact'] as JsonObject
const agreed = (more: JsonObject) => ({ 'crm.read_contact': { ...contact, ...more } })

test('at night a customer is written to in the morning, by the clock of the store', async () => {
  const { came, done } = await play(reachHandle, { now: '2026-12-01T04:20:00Z' })
  expect(came).toBe('sent')
  // 22:20 in Chicago; nine in the morning there
  expect(done.find(({ op }) => op === 'sms.send')!.at.toISOString()).toMatch(/^2026-12-01T15:00/)
  expect((await play(reachHandle, { now: '2026-12-01T13:10:00Z' })).hours).toBeCloseTo(1.83, 1)
  // the night in which the clock is put forward
  expect((await play(reachHandle, { now: '2027-03-14T04:00:00Z' })).hours).toBeCloseTo(10, 1)
})

test('who wants to hear nothing hears nothing; who was refused a text gets a mail; who can get neither is called', async () => {
  const ways = async (story: Story) => {
    const { came, ops } = await play(reachHandle, story)
    return [came, ops.filter((op) => ['sms.send', 'mail.send', 'crm.create_task'].includes(op))]
  }
  const refused = { 'sms.send': new Failure('text_refused', 'STOP') }
  expect(await ways({ but: agreed({ stopped: true, mayMail: false, mayText: 'no' }) })).toEqual(['do_not_contact', []])
  expect(await ways({ but: agreed({ mayText: 'no' }) })).toEqual(['sent', ['mail.send']])
  expect(await ways({ but: refused })).toEqual(['sent', ['sms.send', 'mail.send']])
  expect(await ways({ but: { ...refused, ...agreed({ mayMail: false }) } })).toEqual([
    'call',
    ['sms.send', 'crm.create_task'],
  ])
  const bounced = { ...agreed({ mayText: 'no' }), 'mail.send': new Failure('mail_refused', 'No such box.') }
  expect(await ways({ but: bounced })).toEqual(['call', ['mail.send', 'crm.create_task']])
  expect(await ways({ but: { 'crm.find_contact': new Failure('invalid', 'Neither.') } })).toEqual(['unreachable', []])
})

test('each operation that a template uses is one there is', () => {
  for (const { definition } of templates)
    for (const id of needsOf(definition).operations) expect(Object.keys(operations)).toContain(id)
})
