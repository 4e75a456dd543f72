import { readCustomer, readEmail, readPhone } from './customer.ts'
import { readDate } from './date.ts'
import { bounds, type Lead } from './lead.ts'
import type { Notebook } from './notes.ts'
import type { RawLead } from './raw.ts'
import { type Tidier, tidier } from './tidy.ts'
import { readVehicle } from './vehicle.ts'

const dateOf = (raw: RawLead, book: Notebook): string | null => {
  const said = raw.requestedAt
  if (!said || said.text.trim() === '') return null
  const date = readDate(said.text)
  if (!date) book.add('date_unreadable', 'The request date is not a date; passed over.', said.at)
  if (date?.zoneAssumed) book.add('zone_assumed', 'The request date names no time zone; taken as UTC.', said.at)
  if (date?.orderAssumed) book.add('date_order_assumed', 'The request date is read with the day first.', said.at)
  return date?.iso ?? null
}

const vehiclesOf = (raw: RawLead, tidy: Tidier, book: Notebook): Pick<Lead, 'vehicles' | 'tradeIn'> => {
  const all = raw.vehicles.map((vehicle) => readVehicle(vehicle, tidy, book))
  const said = raw.tradeIn && { ...readVehicle(raw.tradeIn, tidy, book), interest: 'trade-in' as const }
  const found = all.find(({ interest }) => interest === 'trade-in') ?? all.find(({ interest }) => interest === 'sell')
  const tradeIn = said ?? found ?? null
  return {
    vehicles: tidy.few(
      all.filter((vehicle) => vehicle !== tradeIn),
      bounds.vehicles,
      'vehicles',
    ),
    tradeIn,
  }
}

/**
 * Makes the normalised lead of what either wire said.
 * @throws Fault `lead_malformed` where nobody can be answered: no name, e-mail or phone
 */
export const normalise = (raw: RawLead, book: Notebook): Lead => {
  const tidy = tidier(book)
  const customer = readCustomer(raw.customer, tidy, book)
  if (!customer.fullName && !customer.email && !customer.phone)
    throw book.refuse('The lead has no contact: a name, an e-mail address or a phone number is needed.', null, [
      { path: '/customer', message: 'needs a name, an e-mail address or a phone number' },
    ])
  const provider = {
    service: tidy.line(raw.provider.service),
    url: tidy.line(raw.provider.url),
    email: readEmail(raw.provider.email, tidy, book),
    phone:
      readPhone({ number: raw.provider.phone, type: undefined, time: undefined, preferred: false }, tidy, book)
        ?.number ?? null,
  }
  const leadId = tidy.line(raw.leadId)
  const leadIdSource = tidy.line(raw.leadIdSource)
  const name = tidy.line(raw.provider.name) ?? provider.service ?? leadIdSource
  if (name === null) book.add('provider_unknown', 'The lead does not say who provides it.', null)
  return {
    provider: { name: name ?? 'Unknown provider', ...provider },
    leadId,
    leadIdSource,
    status: raw.status?.text.trim().toLowerCase() === 'resend' ? 'resend' : 'new',
    requestedAt: dateOf(raw, book),
    customer,
    ...vehiclesOf(raw, tidy, book),
    vendor: { name: tidy.line(raw.vendor.name), id: tidy.line(raw.vendor.id) },
  }
}
