import type { Lead } from './lead.ts'

/** What to call the customer. */
export const nameOf = ({ customer }: Lead): string =>
  customer.fullName ??
  ([customer.firstName, customer.lastName].filter(Boolean).join(' ') || customer.email || customer.phone || 'Somebody')

/** The vehicle the customer asks about, as people say it: `2024 Subaru Outback`. */
export const vehicleOf = (lead: Lead): string => {
  const wanted = lead.vehicles[0]
  const title = [wanted?.year, wanted?.make, wanted?.model].filter(Boolean).join(' ')
  return title || 'vehicle to be found'
}

/** What lists call the lead: `Dana Whitfield · 2024 Subaru Outback`. */
export const titleOf = (lead: Lead): string => `${nameOf(lead)} · ${vehicleOf(lead)}`
