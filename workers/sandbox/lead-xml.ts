import type { Person } from './lead-people.ts'
import { type Random, chance, pick, whole } from './random.ts'

export type AskedVehicle = {
  interest: 'buy' | 'lease' | 'sell' | 'trade-in' | 'test-drive'
  status: 'new' | 'used'
  year: number
  make: string
  model: string
  trim: string
  stock: string | null
  vin: string | null
  odometer: number | null
  price: number | null
  colour: string | null
}

export type LeadFacts = {
  id: string
  provider: { name: string; service: string; url: string }
  requestedAt: Date
  person: Person
  vehicles: readonly AskedVehicle[]
  comments: string
  timeframe: string | null
}

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

const element = (name: string, text: string | number | null, attributes = ''): string =>
  text === null ? '' : `<${name}${attributes}>${escape(String(text))}</${name}>`

const lines = (...parts: string[]): string => parts.filter((part) => part !== '').join('\n      ')

const vehicle = (asked: AskedVehicle): string => `    <vehicle interest="${asked.interest}" status="${asked.status}">
      ${lines(
        element('year', asked.year),
        element('make', asked.make),
        element('model', asked.model),
        element('vin', asked.vin),
        element('stock', asked.stock),
        element('trim', asked.trim),
        element('odometer', asked.odometer, ' status="original" units="mi"'),
        asked.colour === null
          ? ''
          : `<colorcombination><exteriorcolor>${asked.colour}</exteriorcolor><preference>1</preference></colorcombination>`,
        element('price', asked.price, ' type="asking" currency="USD"'),
      )}
    </vehicle>`

const two = (value: number): string => String(value).padStart(2, '0')

/** The request date in UTC: as ADF asks for it, or with the one-digit hour and no zone that real providers send. */
const requestDate = (date: Date, sloppy: boolean): string => {
  const day = date.toISOString().slice(0, 10)
  const rest = `${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`
  return sloppy ? `${day}T${date.getUTCHours()}:${rest}` : `${day}T${two(date.getUTCHours())}:${rest}+00:00`
}

/** The processing instruction the way providers write it; the last form is not even well-formed XML. */
const openings = [
  '<?xml version="1.0" encoding="UTF-8"?>\n<?adf version="1.0"?>',
  '<?xml version="1.0" encoding="UTF-8"?>\n<?ADF VERSION="1.0"?>',
  '<?ADF VERSION="1.0"?>\n<?xml version="1.0" encoding="UTF-8"?>',
] as const

/** The lead as an ADF 1.0 document; about half carry one of the oddities of real providers. */
export const renderAdf = (random: Random, facts: LeadFacts): string => {
  const { person, provider } = facts
  const odd = chance(random, 0.5)
  const opening = odd ? pick(random, openings) : openings[0]
  const idTag =
    odd && chance(random, 0.3)
      ? `<id sequence="${escape(facts.id)}" source="${escape(provider.name)}"></id>`
      : `<id sequence="1" source="${escape(provider.name)}">${escape(facts.id)}</id>`
  const phoneType = odd ? pick(random, ['home', 'work', 'mobile', 'voice']) : pick(random, ['voice', 'cellphone'])
  const name =
    odd && chance(random, 0.4)
      ? element('name', `${person.first} ${person.last}`, ' part="full"')
      : element('name', person.first, ' part="first"') + element('name', person.last, ' part="last"')
  const structured =
    odd && chance(random, 0.3) ? `\nPreferred contact: e-mail\nSource page: /inventory/${whole(random, 100, 999)}` : ''
  return `${opening}
<adf>
  <prospect status="new">
    ${idTag}
    <requestdate>${requestDate(facts.requestedAt, odd)}</requestdate>
${facts.vehicles.map(vehicle).join('\n')}
    <customer>
      <contact>
        ${name}
        ${element('email', person.email)}
        ${element('phone', person.phone, ` type="${phoneType}" time="${pick(random, ['morning', 'afternoon', 'evening', 'nopreference'])}"`)}
        <address><city>${escape(person.city)}</city><regioncode>TX</regioncode><postalcode>${person.zip}</postalcode><country>US</country></address>
      </contact>
      ${facts.timeframe === null ? '' : `<timeframe><description>${escape(facts.timeframe)}</description></timeframe>`}
      ${element('comments', facts.comments + structured)}
    </customer>
    <vendor>
      <id source="${escape(provider.name)}">D-1207</id>
      <vendorname>Northstar Motors (sandbox)</vendorname>
      <contact><name part="full">Internet Sales</name><email>leads@northstar-motors.example</email></contact>
    </vendor>
    <provider>
      <name part="full">${escape(provider.name)}</name>
      <service>${escape(provider.service)}</service>
      <url>${escape(provider.url)}</url>
    </provider>
  </prospect>
</adf>
`
}
