import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Fault } from '#schemas/errors.ts'
import { JsonLead, Lead, parseLead, parseLeadBytes } from './index.ts'

const settings = { seed: 20_261_121, numRuns: 400 }

/** A lead of the right shape, or a Fault: anything else is a failure. */
const leadOrFault = (read: () => { lead: Lead }) => {
  try {
    const { lead } = read()
    expect(Lead.parse(lead)).toEqual(lead)
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    expect(error.code).toBe('lead_malformed')
  }
}

const letters = [...Array.from('abcdefgxyzÀßé漢😀'), '&', '<', '>', '"', "'", ']]>', '-', '.', ' ']
const words = fc
  .array(fc.constantFrom(...letters), { minLength: 1, maxLength: 20 })
  .map((list) => list.join('').replaceAll(/\s+/g, ' ').trim())
  .filter((text) => text !== '' && !text.includes(','))
const escape = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&#62;')
const cdata = (text: string) => `<![CDATA[${text.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`

const said = fc.record({
  first: words,
  last: words,
  user: fc.stringMatching(/^[a-z]{1,12}$/),
  phone: fc.stringMatching(/^[1-9]\d{6,10}$/),
  id: words,
  source: words,
  provider: words,
  vendor: words,
  comments: words,
  make: words,
  model: words,
  year: fc.integer({ min: 1950, max: 2027 }),
  at: fc.date({ min: new Date('1995-01-01'), max: new Date('2090-01-01'), noInvalidDate: true }),
  resend: fc.boolean(),
})
type Spoken = typeof said extends fc.Arbitrary<infer T> ? T : never

const write = (lead: Spoken, text: (text: string) => string): string => `<?xml version="1.0"?>
<?adf version="1.0"?>
<adf><prospect status="${lead.resend ? 'resend' : 'new'}">
<id source="${escape(lead.source).replaceAll('"', '&quot;')}">${text(lead.id)}</id>
<requestdate>${lead.at.toISOString()}</requestdate>
<vehicle><year>${lead.year}</year><make>${text(lead.make)}</make><model>${text(lead.model)}</model></vehicle>
<customer><contact><name part="first">${text(lead.first)}</name><name part="last">${text(lead.last)}</name>
<email>${lead.user}@example.com</email><phone type="voice">${lead.phone}</phone></contact>
<comments>${text(lead.comments)}</comments></customer>
<vendor><vendorname>${text(lead.vendor)}</vendorname></vendor>
<provider><name>${text(lead.provider)}</name></provider></prospect></adf>`

test.each([
  ['escapes', escape],
  ['CDATA', cdata],
])('what is written with %s is read back', (_, text) =>
  fc.assert(
    fc.property(said, (spoken) => {
      const { lead, notes } = parseLead(write(spoken, text), 'application/xml')
      expect(notes).toEqual([])
      expect(lead).toMatchObject({
        leadId: spoken.id,
        leadIdSource: spoken.source,
        status: spoken.resend ? 'resend' : 'new',
        requestedAt: spoken.at.toISOString(),
        customer: {
          firstName: spoken.first,
          lastName: spoken.last,
          email: `${spoken.user}@example.com`,
          phone: spoken.phone,
          comments: spoken.comments,
        },
        vehicles: [{ year: spoken.year, make: spoken.make, model: spoken.model }],
        vendor: { name: spoken.vendor },
        provider: { name: spoken.provider },
      })
    }),
    settings,
  ),
)

const edits = fc.array(
  fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    drop: fc.integer({ min: 0, max: 30 }),
    put: fc.oneof(
      fc.string({ maxLength: 6 }),
      fc.constantFrom('<', '>', '"', '&', '</', '<!--', ']]>', '<![CDATA[', '<?', '=', '<adf>', '\0', '{', '[', ','),
    ),
  }),
  { minLength: 1, maxLength: 8 },
)
const mutate = (text: string, list: { at: number; drop: number; put: string }[]) =>
  list.reduce((before, { at, drop, put }) => {
    const index = Math.floor(at * before.length)
    return before.slice(0, index) + put + before.slice(index + drop)
  }, text)

test('a damaged ADF document gives a lead or a refusal', () =>
  fc.assert(
    fc.property(said, edits, (spoken, list) =>
      leadOrFault(() => parseLead(mutate(write(spoken, escape), list), 'text/xml')),
    ),
    settings,
  ))

test('a damaged JSON lead gives a lead or a refusal', () => {
  const example = JSON.stringify(JsonLead.meta()?.['example'], null, 1)
  fc.assert(
    fc.property(edits, (list) => leadOrFault(() => parseLead(mutate(example, list), 'application/json'))),
    settings,
  )
})

test('any JSON gives a lead or a refusal', () =>
  fc.assert(
    fc.property(fc.json(), fc.json(), (a, b) => {
      leadOrFault(() => parseLead(a, 'application/json'))
      leadOrFault(() =>
        parseLead(`{"customer":{"name":${a},"email":"a@b.cd","phones":[${b}]},"vehicles":[${b}],"provider":${b}}`),
      )
    }),
    settings,
  ))

test('any bytes give a lead or a refusal', () =>
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.option(fc.string()), (bytes, type) => {
      leadOrFault(() => parseLeadBytes(bytes, type))
      leadOrFault(() =>
        parseLeadBytes(Buffer.concat([Buffer.from('<adf><prospect><customer><contact><name>'), bytes]), type),
      )
    }),
    settings,
  ))

const head = '<adf><prospect><customer><contact><name>J</name></contact></customer>'
const mebibyte = 1_048_576
const fill = (unit: string) => unit.repeat(Math.floor(mebibyte / unit.length))

test.each([
  '<',
  '<a>',
  '<a ',
  '<a b="',
  '<a b=',
  '</a>',
  '<!--',
  '<![CDATA[',
  '<?',
  '&',
  '&#',
  '&a',
  '“',
  'a:',
  '&lt;',
  ' ',
  '\n',
  '<!DOCTYPE [',
  '<a:',
  '<adf',
  '<adf:',
  '-',
  '\ud800',
])('a mebibyte of %j ends, alone and inside a lead', (unit) => {
  leadOrFault(() => parseLead(fill(unit), 'text/xml'))
  leadOrFault(() => parseLead(head + fill(unit), 'text/xml'))
  leadOrFault(() => parseLead(`${fill(unit)}${head}`, 'text/xml'))
  leadOrFault(() =>
    parseLead(
      `<adf><prospect><customer><contact><name>J</name></contact><comments>${fill(unit)}</comments></customer>`,
      'text/xml',
    ),
  )
  leadOrFault(() => parseLead(`<adf a="${fill(unit)}">${head}`, 'text/xml'))
  leadOrFault(() => parseLead(`{"customer":{"name":${JSON.stringify(fill(unit))}}}`, 'application/json'))
})

test('a body past the limit is refused unread', () =>
  expect(() => parseLead(head + ' '.repeat(2_000_000), 'text/xml')).toThrow(/2000000 characters/))
