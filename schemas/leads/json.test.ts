import { expect, test } from 'vitest'
import { Fault } from '#schemas/errors.ts'
import { JsonLead, Lead, parseLead } from './index.ts'

const read = (value: unknown) => parseLead(JSON.stringify(value), 'application/json')
const refusal = (body: string) => {
  try {
    parseLead(body, 'application/json')
  } catch (error) {
    if (error instanceof Fault) return { code: error.code, sentence: error.message, ...error.extra }
    throw error
  }
  return 'taken'
}

test('the documented example is a lead, read without a note', () => {
  const { lead, notes } = read(JsonLead.meta()?.['example'])
  expect(Lead.parse(lead)).toEqual(lead)
  expect(notes).toEqual([])
  expect(lead).toMatchObject({
    provider: { name: 'AutoFinder' },
    leadId: 'AF-204871',
    requestedAt: '2026-11-21T13:47:50.000Z',
    customer: { fullName: 'Jane Doe', phone: '+1 555 010 0199' },
    vehicles: [{ make: 'Honda', status: 'used' }],
    tradeIn: { interest: 'trade-in', vinCheck: { result: 'valid' }, odometer: { value: 121_000, units: 'mi' } },
    vendor: { name: 'Lakeside Motors' },
  })
})

test.each([
  ['a name', { name: 'Jane Doe' }],
  ['an e-mail address', { email: 'jane@example.com' }],
  ['a phone number', { phone: 5550100 }],
])('%s is enough', (_, customer) => expect(read({ customer }).lead.provider.name).toBe('Unknown provider'))

test('a normalised lead sent back is the same lead', () => {
  const { lead } = read(JsonLead.meta()?.['example'])
  expect(read(lead).lead).toEqual(lead)
})

test.each([
  ['no contact', '{"customer":{}}', { path: '/customer' }],
  ['no customer', '{}', { path: '/customer' }],
  ['a wrong type', '{"customer":{"name":["x"]}}', { path: '/customer/name' }],
  ['a wrong status', '{"status":"old","customer":{"name":"x"}}', { path: '/status' }],
])('%s is refused by name of the member', (_, body, issue) =>
  expect(refusal(body)).toMatchObject({ code: 'lead_malformed', issues: [issue] }),
)

test('broken JSON is refused with line and column, a list with what to do', () => {
  expect(refusal('{"customer":\n  {name')).toMatchObject({ position: { line: 2, column: 4 } })
  expect(refusal('{"customer":')).toMatchObject({ position: { line: 1, column: 13 } })
  expect(refusal('[]')).toMatchObject({ sentence: expect.stringContaining('one lead per request') })
})

test('what cannot be read is left out with a note, what is too long is cut', () => {
  const { lead, notes } = read({
    provider: 'P',
    requestedAt: 'soon',
    customer: { name: 'J'.repeat(300), email: 'nobody', phone: '?' },
    vehicle: { interest: 'look', year: 3000, price: 'call', vin: '5YJSA1E26HF000337' },
  })
  expect(Lead.parse(lead)).toEqual(lead)
  expect(lead.customer).toMatchObject({ email: null, phone: null })
  expect(lead.customer.fullName).toHaveLength(250)
  expect(notes.map(({ code }) => code).toSorted()).toEqual([
    'date_unreadable',
    'email_unreadable',
    'interest_unknown',
    'number_unreadable',
    'phone_unreadable',
    'text_cut',
    'vin_invalid',
    'year_unreadable',
  ])
})
