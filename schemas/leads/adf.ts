import { readProspect } from './document.ts'
import type { Lead, Note } from './lead.ts'
import { normalise } from './normalise.ts'
import type { Notebook } from './notes.ts'
import type { RawLead, RawPhone, RawVehicle, Said } from './raw.ts'
import type { XmlElement } from './xml.ts'

const all = (parent: XmlElement | undefined, name: string): XmlElement[] =>
  parent?.children.filter((child) => child.name === name) ?? []
const one = (parent: XmlElement | undefined, name: string): XmlElement | undefined =>
  parent?.children.find((child) => child.name === name)

const said = (element: XmlElement | undefined): Said =>
  element && element.text !== '' && element.text.trim() !== '' ? { text: element.text, at: element.offset } : undefined
/** What the first element of that name with any text says. */
const text = (parent: XmlElement | undefined, name: string): Said => {
  for (const child of parent?.children ?? []) {
    const found = child.name === name ? said(child) : undefined
    if (found) return found
  }
  return undefined
}
const valueOf = (element: XmlElement | undefined, name: string): string | undefined =>
  element?.attributes.find((attribute) => attribute.name === name)?.value
const attribute = (element: XmlElement | undefined, name: string): Said => {
  const value = valueOf(element, name)
  return element && value ? { text: value, at: element.offset } : undefined
}
const is = (element: XmlElement, name: string, value: string): boolean =>
  valueOf(element, name)?.trim().toLowerCase() === value

const vehicleOf = (vehicle: XmlElement): RawVehicle => {
  const price = all(vehicle, 'price').find((price) => said(price) && valueOf(price, 'relativeto') === undefined)
  const colors = one(vehicle, 'colorcombination')
  const finance = one(vehicle, 'finance')
  const amount = (type: string) => said(all(finance, 'amount').find((amount) => is(amount, 'type', type)))
  return {
    interest: attribute(vehicle, 'interest'),
    status: attribute(vehicle, 'status'),
    year: text(vehicle, 'year'),
    make: text(vehicle, 'make'),
    model: text(vehicle, 'model'),
    trim: text(vehicle, 'trim'),
    vin: text(vehicle, 'vin'),
    stock: text(vehicle, 'stock'),
    odometer: text(vehicle, 'odometer'),
    odometerUnits: attribute(one(vehicle, 'odometer'), 'units'),
    price: said(price),
    priceType: attribute(price, 'type'),
    currency: attribute(price, 'currency'),
    bodyStyle: text(vehicle, 'bodystyle'),
    transmission: text(vehicle, 'transmission'),
    exteriorColor: text(colors, 'exteriorcolor'),
    interiorColor: text(colors, 'interiorcolor'),
    financeMethod: text(finance, 'method'),
    downPayment: amount('downpayment'),
    monthly: amount('monthly'),
    total: amount('total'),
    comments: text(vehicle, 'comments'),
    options: all(vehicle, 'option').map((option) => text(option, 'optionname') ?? said(option)),
  }
}

const phoneOf = (phone: XmlElement): RawPhone => ({
  number: said(phone),
  type: attribute(phone, 'type'),
  time: attribute(phone, 'time'),
  preferred: is(phone, 'preferredcontact', '1'),
})

const customerOf = (customer: XmlElement | undefined, book: Notebook): RawLead['customer'] => {
  const contact = one(customer, 'contact') ?? customer
  if (customer && contact === customer)
    book.add('contact_missing', '<customer> has no <contact>; its own fields are read.', customer.offset)
  const names = all(contact, 'name')
  const part = (...parts: string[]) =>
    said(names.find((name) => said(name) && parts.includes(valueOf(name, 'part')?.trim().toLowerCase() ?? 'full')))
  const where = one(contact, 'address')
  const emails = all(contact, 'email')
  return {
    firstName: part('first', 'given'),
    middleName: part('middle'),
    lastName: part('last', 'surname', 'family'),
    fullName: part('full', ''),
    email: text(contact, 'email'),
    emailPreferred: emails.some((email) => is(email, 'preferredcontact', '1')),
    phones: all(contact, 'phone').map(phoneOf),
    address: where
      ? {
          lines: [...all(where, 'apartment'), ...all(where, 'street')].toReversed().map(said),
          city: text(where, 'city'),
          region: text(where, 'regioncode'),
          postalCode: text(where, 'postalcode'),
          country: text(where, 'country'),
        }
      : null,
    comments: text(customer, 'comments') ?? text(contact, 'comments'),
    timeframe: text(one(customer, 'timeframe'), 'description') ?? said(one(customer, 'timeframe')),
  }
}

/** Some providers leave out `<provider>` and put themselves where the dealer's contact belongs. */
const providerOf = (prospect: XmlElement, book: Notebook): RawLead['provider'] => {
  const provider = one(prospect, 'provider')
  const contact = one(provider, 'contact')
  const name = text(provider, 'name') ?? text(contact, 'name')
  if (!name) {
    const vendor = one(prospect, 'vendor')
    const stranger = one(vendor, 'contact')
    const other = text(stranger, 'name')
    if (other && other.text.trim() !== text(vendor, 'vendorname')?.text.trim()) {
      book.add('vendor_holds_provider', 'The vendor’s contact is taken as the provider.', other.at)
      return {
        name: other,
        service: text(provider, 'service'),
        url: text(provider, 'url'),
        email: text(stranger, 'email'),
        phone: text(stranger, 'phone'),
      }
    }
  }
  return {
    name,
    service: text(provider, 'service'),
    url: text(provider, 'url'),
    email: text(provider, 'email') ?? text(contact, 'email'),
    phone: text(provider, 'phone') ?? text(contact, 'phone'),
  }
}

const leadIdOf = (prospect: XmlElement, book: Notebook): Pick<RawLead, 'leadId' | 'leadIdSource'> => {
  const ids = all(prospect, 'id')
  const id = ids.find(said)
  if (id) return { leadId: said(id), leadIdSource: attribute(id, 'source') }
  const bare = ids.find((id) => attribute(id, 'sequence'))
  if (bare) book.add('id_from_sequence', 'The <id> is empty; its sequence is taken as the lead’s id.', bare.offset)
  return { leadId: attribute(bare, 'sequence'), leadIdSource: attribute(bare, 'source') }
}

/**
 * Reads an ADF 1.0 document as leniently as dealers' systems must.
 * @throws Fault `lead_malformed` with line and column
 */
export const readAdf = (source: string): { lead: Lead; notes: Note[] } => {
  const { prospect, book } = readProspect(source)
  const vendor = one(prospect, 'vendor')
  const raw: RawLead = {
    provider: providerOf(prospect, book),
    ...leadIdOf(prospect, book),
    status: attribute(prospect, 'status'),
    requestedAt: text(prospect, 'requestdate'),
    customer: customerOf(one(prospect, 'customer'), book),
    vehicles: all(prospect, 'vehicle').map(vehicleOf),
    tradeIn: null,
    vendor: { name: text(vendor, 'vendorname'), id: text(vendor, 'id') },
  }
  return { lead: normalise(raw, book), notes: book.notes }
}
