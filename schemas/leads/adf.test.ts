import { expect, test } from 'vitest'
import { Fault } from '#schemas/errors.ts'
import { dedupeKey, Lead, parseLead, parseLeadBytes } from './index.ts'

const doc = (inside: string) => `<?adf version="1.0"?>
<adf><prospect>${inside}</prospect></adf>`
const contact = '<customer><contact><name part="full">Jane Doe</name></contact></customer>'
const full = `<?xml version="1.0" encoding="UTF-8"?>
<?adf version="1.0"?>
<adf>
  <prospect status="resend">
    <id sequence="1" source="AutoFinder">AF-204871</id>
    <requestdate>2008-06-25T8:47:50-05:00</requestdate>
    <vehicle interest="buy" status="used">
      <year>2021</year><make>Honda</make><model>Accord</model><trim>EX-L</trim>
      <vin>1HGCM82633A004352</vin><stock>H4352</stock><odometer units="mi">41,200</odometer>
      <colorcombination><interiorcolor>Grey</interiorcolor><exteriorcolor>Blue</exteriorcolor></colorcombination>
      <price type="asking" currency="USD">$24,995.00</price>
      <option><optionname>Sunroof</optionname></option>
      <finance><method>finance</method><amount type="downpayment">3000</amount><amount type="monthly">350</amount></finance>
    </vehicle>
    <vehicle interest="trade-in"><year>98</year><make>Ford</make><model>Ranger</model></vehicle>
    <customer>
      <contact>
        <name part="first">Jane</name><name part="last">O&#39;Neil &amp; Co</name>
        <email preferredcontact="1">jane@example.com</email>
        <phone type="fax">555-010-0100</phone><phone type="cellphone" time="evening">555-010-0199</phone>
        <address><street line="1">1 Main St</street><city>Troy</city><regioncode>MI</regioncode><postalcode>48083</postalcode><country>US</country></address>
      </contact>
      <timeframe><description>within 48 hours</description></timeframe>
      <comments><![CDATA[Is it <still> there?
Color: Blue
Best time: evenings
https://example.com/x]]></comments>
    </customer>
    <vendor><id source="AutoFinder">D-77</id><vendorname>Lakeside Motors</vendorname></vendor>
    <provider><name part="full">AutoFinder</name><service>Buyer leads</service><url>https://example.com</url><email>leads@example.com</email></provider>
  </prospect>
</adf>
`
const codes = (body: string) => parseLead(body, 'application/xml').notes.map(({ code }) => code)
const refusal = (body: string, type = 'application/xml') => {
  try {
    parseLead(body, type)
  } catch (error) {
    if (error instanceof Fault) return { code: error.code, sentence: error.message, ...error.extra }
    throw error
  }
  return 'taken'
}

test('a whole lead is read to the last field', () => {
  const { lead, notes } = parseLead(full, 'application/xml')
  expect(Lead.parse(lead)).toEqual(lead)
  expect(notes).toEqual([])
  expect(lead).toMatchObject({
    provider: { name: 'AutoFinder', service: 'Buyer leads', url: 'https://example.com', email: 'leads@example.com' },
    leadId: 'AF-204871',
    leadIdSource: 'AutoFinder',
    status: 'resend',
    requestedAt: '2008-06-25T13:47:50.000Z',
    customer: {
      firstName: 'Jane',
      lastName: "O'Neil & Co",
      fullName: "Jane O'Neil & Co",
      email: 'jane@example.com',
      phone: '555-010-0199',
      phones: [
        { number: '555-010-0100', type: 'fax', time: null },
        { number: '555-010-0199', type: 'mobile', time: 'evening' },
      ],
      address: { lines: ['1 Main St'], city: 'Troy', region: 'MI', postalCode: '48083', country: 'US' },
      details: [
        { key: 'Color', value: 'Blue' },
        { key: 'Best time', value: 'evenings' },
      ],
      timeframe: 'within 48 hours',
      preferredContact: 'email',
    },
    tradeIn: { interest: 'trade-in', year: 1998, make: 'Ford', model: 'Ranger' },
    vendor: { name: 'Lakeside Motors', id: 'D-77' },
  })
  expect(lead.customer.comments).toContain('Is it <still> there?')
  expect(lead.vehicles).toHaveLength(1)
  expect(lead.vehicles[0]).toMatchObject({
    interest: 'buy',
    status: 'used',
    year: 2021,
    vinCheck: { result: 'valid', modelYear: 2003 },
    odometer: { value: 41_200, units: 'mi' },
    price: { amount: 24_995, currency: 'USD', type: 'asking' },
    exteriorColor: 'Blue',
    options: ['Sunroof'],
    finance: { method: 'finance', downPayment: 3000, monthly: 350, total: null },
  })
})

test.each([
  ['upper-case instruction', `<?ADF VERSION="1.0"?><adf><prospect>${contact}</prospect></adf>`, 'instruction_case'],
  [
    'instruction before the declaration',
    `<?adf version="1.0"?>\n<?xml version="1.0"?><adf><prospect>${contact}</prospect></adf>`,
    'declaration_not_first',
  ],
  ['upper-case names', doc(contact).toUpperCase(), 'instruction_case'],
  [
    'undeclared prefixes',
    `<a:adf><a:prospect>${contact.replaceAll('name', 'a:name')}</a:prospect></a:adf>`,
    'prefix_ignored',
  ],
  ['bare attributes', doc(contact.replaceAll('"', '')), 'attribute_unquoted'],
  ['curly quotes', doc(contact.replace('"full"', '“full”')), 'curly_quotes'],
  ['a lost quote', doc(contact.replace('"full"', '"full')), 'quote_missing'],
  ['a bare ampersand', doc(contact.replace('Doe', 'Doe & Son')), 'ampersand_bare'],
  ['a foreign entity', doc(contact.replace('Doe', 'Doe&nbsp;')), 'entity_unknown'],
  ['a bare less-than', doc(`${contact}<comments>I <3 it</comments>`), 'less_than_bare'],
  ['a lost end tag', doc(contact.replace('</name>', '')), 'end_tag_missing'],
  ['an end too early', `<adf><prospect>${contact}`, 'end_tags_missing'],
  ['a stray end tag', doc(`${contact}</vehicle>`), 'end_tag_unmatched'],
  [
    'an escaped document',
    doc(contact).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
    'escaped_document',
  ],
  ['a mail before', `Dear dealer <a@b.c>,\n\n${doc(contact)}`, 'text_before'],
  ['a mail after', `${doc(contact)}\n-- \nSent by AutoFinder`, 'text_after'],
  ['a document type', `<!DOCTYPE adf [<!ENTITY x "y">]>${doc(contact)}`, 'doctype_ignored'],
  ['no adf around it', `<prospect>${contact}</prospect>`, 'adf_missing'],
  ['no contact element', doc('<customer><name>Jane Doe</name></customer>'), 'contact_missing'],
  ['a sequence as id', doc(`<id sequence="77" source="X"/>${contact}`), 'id_from_sequence'],
  [
    'a foreign phone type',
    doc(contact.replace('</contact>', '<phone type="home">555-0100</phone></contact>')),
    'phone_type_foreign',
  ],
  [
    'the provider as vendor',
    doc(`${contact}<vendor><vendorname>D</vendorname><contact><name>P</name></contact></vendor>`),
    'vendor_holds_provider',
  ],
])('%s is forgiven, with a note that says where', (_, body, code) => {
  const { lead, notes } = parseLead(body, 'application/xml')
  expect(lead.customer.fullName).toMatch(/^Jane Doe/i)
  const note = notes.find((note) => note.code === code)
  expect(note, `notes: ${notes.map((note) => note.code).join(', ')}`).toBeDefined()
  expect(note?.line).toBeGreaterThan(0)
  expect(note?.column).toBeGreaterThan(0)
})

test('a note points at the very character', () => {
  const { notes } = parseLead(
    `<adf>\n<prospect>\n  <customer><contact><name>A & B</name></contact></customer></prospect></adf>`,
  )
  expect(notes.find(({ code }) => code === 'ampersand_bare')).toMatchObject({ line: 3, column: 30 })
})

test('a sequence is the id, a vehicle to sell beside another is the trade-in', () => {
  const vehicles = '<vehicle><make>A</make></vehicle><vehicle interest="sell"><make>B</make></vehicle>'
  const { lead } = parseLead(doc(`<id sequence="77" source="X"/>${vehicles}${contact}`))
  expect(lead).toMatchObject({ leadId: '77', leadIdSource: 'X', vehicles: [{ make: 'A' }], tradeIn: { make: 'B' } })
})

test('an external entity is never fetched and a bomb never expands', () => {
  const bomb = `<!DOCTYPE adf [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;"><!ENTITY x SYSTEM "file:///etc/passwd">]>
${doc(contact.replace('Doe', '&x;&b;'))}`
  expect(parseLead(bomb).lead.customer.fullName).toBe('Jane &x;&b;')
})

test('two prospects are refused with what to do instead', () => {
  const two = `<adf><prospect>${contact}</prospect>\n<prospect>${contact}</prospect></adf>`
  const answer = { code: 'lead_malformed', sentence: expect.stringContaining('one prospect per request') }
  expect(refusal(two)).toMatchObject({ ...answer, position: { line: 2, column: 1 } })
  expect(refusal(doc(contact) + doc(contact))).toMatchObject(answer)
})

test.each([
  ['nothing', '', 'empty'],
  ['plain words', 'hello', 'No <adf>'],
  ['other XML', '<html><body/></html>', 'No <adf>'],
  ['an open comment', '<adf><!-- <prospect>', 'comment'],
  ['an open CDATA', '<adf><prospect><comments><![CDATA[x', 'CDATA'],
  ['no prospect', '<adf></adf>', 'no <prospect>'],
  ['no contact', doc('<customer><contact><name/></contact></customer>'), 'no contact'],
  ['deep nesting', `<adf>${'<a>'.repeat(1_000)}`, 'nested'],
  ['too many elements', `<adf>${'<a/>'.repeat(6_000)}`, 'elements'],
  ['too many attributes', `<adf ${Array.from({ length: 40 }, (_, n) => `a${n}="1"`).join(' ')}/>`, 'attributes'],
])('%s is refused', (_, body, words) => {
  expect(refusal(body)).toMatchObject({ code: 'lead_malformed', sentence: expect.stringContaining(words) })
})

test('a lead sent again has the same key, another provider or id has not', () => {
  const lead = parseLead(full).lead
  expect(dedupeKey(lead)).toBe(dedupeKey(parseLead(full.replace(' status="resend"', '')).lead))
  expect(dedupeKey(lead)).not.toBe(dedupeKey({ ...lead, leadId: 'other' }))
  expect(dedupeKey({ ...lead, leadIdSource: 'a|b', leadId: 'c' })).not.toBe(
    dedupeKey({ ...lead, leadIdSource: 'a', leadId: 'b|c' }),
  )
  expect(dedupeKey({ ...lead, leadId: null })).toBeNull()
})

test.each([
  ['UTF-8 with a mark', Buffer.from(`\ufeff${doc(contact.replace('Doe', 'Doé'))}`), undefined],
  ['UTF-16LE', Buffer.from(`\ufeff${doc(contact.replace('Doe', 'Doé'))}`, 'utf16le'), undefined],
  ['UTF-16BE', Buffer.from(`\ufeff${doc(contact.replace('Doe', 'Doé'))}`, 'utf16le').swap16(), undefined],
  [
    'declared Latin-1',
    Buffer.from(`<?xml version="1.0" encoding="ISO-8859-1"?>${doc(contact.replace('Doe', 'Doé'))}`, 'latin1'),
    undefined,
  ],
  [
    'Latin-1 by content type',
    Buffer.from(doc(contact.replace('Doe', 'Doé')), 'latin1'),
    'text/xml; charset=iso-8859-1',
  ],
  ['Latin-1 that says nothing', Buffer.from(doc(contact.replace('Doe', 'Doé')), 'latin1'), undefined],
])('%s is decoded', (_, bytes, type) => expect(parseLeadBytes(bytes, type).lead.customer.lastName).toBe('Doé'))

test('the body decides over a wrong content type', () => {
  expect(codes(full)).toEqual([])
  expect(parseLead(full, 'application/json').notes.map(({ code }) => code)).toEqual(['content_type_wrong'])
  expect(parseLead('{"customer":{"name":"Jane"}}', 'text/xml').notes.map(({ code }) => code)).toContain(
    'content_type_wrong',
  )
})
