import { expect, test } from 'vitest'
import { makeLead } from './leads.ts'
import { checkDigit, isVin } from './vin.ts'

const many = Array.from({ length: 300 }, (_, seed) => makeLead(seed, { instance: 'a1', requestedAt: new Date(0) }))

test('the same seed gives the same lead, another seed another id', () => {
  expect(makeLead(7, { instance: 'a1', requestedAt: new Date(0) })).toEqual(many[7])
  expect(new Set(many.map(({ id }) => id)).size).toBe(many.length)
})

test('every lead has what ADF asks for at least, and says the same in XML and JSON', () => {
  for (const { id, xml, json } of many) {
    expect(json.leadId).toBe(id)
    expect(xml).toContain(id)
    expect(xml).toMatch(/<requestdate>[^<]+<\/requestdate>/)
    expect(xml).toMatch(/<year>\d{4}<\/year>/)
    expect(xml).toContain(`<email>${json.customer.email}</email>`)
    expect(xml).toMatch(/<vendorname>[^<]+<\/vendorname>/)
    expect(xml.match(/<vehicle /g)).toHaveLength(json.vehicles.length + (json.tradeIn === null ? 0 : 1))
    expect(json.customer.comments).not.toMatch(/[{}]/)
  }
})

test('the leads are varied and carry the oddities of real providers', () => {
  const share = (of: (lead: (typeof many)[number]) => boolean) => many.filter(of).length
  expect(new Set(many.map(({ scenario }) => scenario)).size).toBe(6)
  expect(share(({ xml }) => xml.startsWith('<?ADF VERSION'))).toBeGreaterThan(0)
  expect(share(({ xml }) => /<requestdate>\d{4}-\d\d-\d\dT\d:/.test(xml))).toBeGreaterThan(0)
  expect(share(({ xml }) => /<phone type="(home|work|mobile)"/.test(xml))).toBeGreaterThan(0)
  expect(share(({ xml }) => /<id sequence="[A-Z]/.test(xml))).toBeGreaterThan(0)
  expect(share(({ json }) => json.tradeIn !== null)).toBeGreaterThan(0)
  expect(share(({ json }) => json.vehicles.some(({ stock }) => stock === null))).toBeGreaterThan(0)
})

test('check digits are those of known VINs', () => {
  expect(['1HGCM82633A004352', '1M8GDM9AXKP042788'].map(checkDigit)).toEqual(['3', 'X'])
  expect(isVin('5YJSA1E26HF000337')).toBe(false)
})
